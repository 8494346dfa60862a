package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.terway.ipam.AllocateOutcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TicketsTest {

    private final Tickets tickets = new Tickets();
    private final List<String> heard = new ArrayList<>();

    @Test
    void anAnswerThatComesTooLateHarmsNobody() {
        long late = tickets.openAllocate(
                _ -> {
                    throw new IllegalStateException("the call has been closed");
                },
                _ -> {});

        tickets.answer(late, new AllocateOutcome.NoSession("x"));

        tickets.answer(late, new AllocateOutcome.NoSession("x"));
    }

    @Test
    void aCallerThatIsGoneDoesNotKeepTheFailureFromTheOthers() {
        tickets.openAllocate(_ -> {}, _ -> {
            throw new IllegalStateException("the call has been closed");
        });
        tickets.openAllocate(_ -> {}, status -> heard.add(status.getDescription()));

        tickets.failAll(Status.UNAVAILABLE.withDescription("over"));

        assertEquals(List.of("over"), heard);
    }
}
