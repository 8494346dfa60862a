package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.terway.wire.ipam.v1.AllocateRequest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked for pods before their ADD, and what becomes of the answers. */
@Timeout(60)
class ForesightIT extends OneAgent {

    private AllocateRequest asked() throws InterruptedException {
        return ipam.requests.poll(20, TimeUnit.SECONDS);
    }

    /** Scheduled while a session is open, as most pods are. */
    private void scheduled(String... pods) {
        await("session", () -> node.link.peer().isPresent());
        known(pods);
    }

    @Test
    void aScheduledPodIsAskedForBeforeItsAddAndTheAddAsksNobody() throws Exception {
        offered(1, 4);
        scheduled("web");
        AllocateRequest ahead = asked();
        assertEquals("ahead-uid-web", ahead.getSandbox().getContainerId());
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
        assertTrue(ipam.requests.isEmpty());
    }

    @Test
    void aForeseenAddressThatIsTakenByThenIsAskedForAnewUnderTheSameRequest() throws Exception {
        offered(1, 4);
        scheduled("a", "b");
        String first = asked().getRequestId();
        String second = asked().getRequestId();
        assertNotEquals(first, second);
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "a")));
        assertNotEquals(ip(1), TestNode.address(node.call("ADD", "c2", "b")));
        AllocateRequest again = asked();
        assertTrue(again.getRequestId().equals(first) || again.getRequestId().equals(second));
        assertEquals("c2", again.getSandbox().getContainerId());
        assertTrue(again.getRefusedList().contains("10.0.64.1"));
    }

    @Test
    void theSecondSandboxOfAPodAsksAnew() throws Exception {
        offered(1, 4);
        scheduled("web");
        String ahead = asked().getRequestId();
        node.call("ADD", "c1", "web");
        node.call("ADD", "c2", "web");
        AllocateRequest next = asked();
        assertNotEquals(ahead, next.getRequestId());
        assertEquals("c2", next.getSandbox().getContainerId());
    }

    @Test
    void whatWasForeseenEndsWithItsSession() throws Exception {
        offered(1, 4);
        scheduled("web");
        String ahead = asked().getRequestId();
        ipam.refuse(Status.UNAVAILABLE);
        await("no session", () -> node.link.peer().isEmpty());
        ipam.refuse(Status.OK);
        await("next session", () -> node.link.peer().isPresent());
        assertTrue(node.call("ADD", "c1", "web").isSuccess());
        assertNotEquals(ahead, asked().getRequestId());
    }

    @Test
    void anAnswerThatDoesNotComeCostsNoMoreThanOneInTheAdd() throws Exception {
        offered(1, 4);
        ipam.behave(IpamModel.Manner.HANG);
        scheduled("web");
        asked();
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "web")));
        assertTrue(ipam.requests.isEmpty());
    }

    @Test
    void aQuestionThatIsGivenUpIsNotTakenBack() throws Exception {
        offered(1, 4);
        ipam.behave(IpamModel.Manner.HANG);
        scheduled("web");
        asked();
        node.call("ADD", "c1", "web");
        assertNull(ipam.cancelled.poll(1, TimeUnit.SECONDS));
    }
}
