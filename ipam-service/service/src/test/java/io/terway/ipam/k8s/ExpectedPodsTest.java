package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.terway.ipam.IpamCommand;
import io.terway.ipam.PodWishes;
import io.terway.ipam.leader.Terms;
import io.terway.net.NodeName;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Security groups that pods with an address ask for. That the loop heard of one shows where it says that it cannot read them. */
class ExpectedPodsTest {

    private static final NodeName NODE = new NodeName("n1");
    private static final Map<String, String> UNREADABLE = Map.of(PodWishes.GROUP, "no group");

    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final Terms terms = new Terms((_, command) -> {
        if (command instanceof IpamCommand.Notice notice) {
            said.add(notice.message());
        }
    });
    private final ExpectedPods pods = new ExpectedPods(terms);

    @AfterEach
    void stop() {
        terms.close();
    }

    /** The pod whose groups are said to be unreadable next. */
    private String next() throws InterruptedException {
        String message = said.poll(30, TimeUnit.SECONDS);
        return message == null ? "" : message.replaceAll("^pod with uid (\\S+) .*", "$1");
    }

    @Test
    void aChangeIsToldOnceAndToEachLeader() throws InterruptedException {
        terms.follow(pods);
        pods.connected(NODE, "ordinary", Map.of());
        pods.connected(NODE, "a", UNREADABLE);
        terms.elected(1);
        assertEquals("a", next());

        pods.connected(NODE, "a", UNREADABLE);
        pods.connected(NODE, "b", UNREADABLE);
        assertEquals("b", next(), "not a again");

        pods.gone("a");
        terms.lost(1);
        terms.elected(2);
        assertEquals("b", next(), "a is gone");
        assertNull(said.poll());
    }

    @Test
    void whoAsksForGroupsNoLongerIsToldToo() throws InterruptedException {
        terms.elected(1);
        pods.connected(NODE, "a", UNREADABLE);
        assertEquals("a", next());

        pods.connected(NODE, "a", Map.of()); // readable: the pool's
        pods.connected(NODE, "a", UNREADABLE);

        assertEquals("a", next());
    }
}
