package io.terway.agent.flow;

import java.util.ArrayList;
import java.util.List;

/** Takes from many queues in turn: who has most to say waits for the others. */
final class Turns {

    private Turns() {}

    static <T> List<T> take(List<List<T>> queues, int room) {
        List<T> taken = new ArrayList<>();
        List<List<T>> left = queues;
        for (int turn = 0; taken.size() < room && !left.isEmpty(); turn++) {
            int place = turn;
            left = left.stream().filter(queue -> queue.size() > place).toList();
            left.stream().limit(room - taken.size()).forEach(queue -> taken.add(queue.get(place)));
        }
        return taken;
    }
}
