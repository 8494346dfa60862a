package io.terway.policy.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.terway.link.ModelStream;
import io.terway.net.NodeName;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.wire.policy.v1.PolicyUpdate;
import org.junit.jupiter.api.Test;

class SubscriberTest {

    @Test
    void agentThatHangsUpWhileItIsWrittenToIsNoFailureOfTheCompiler() {
        ModelStream<PolicyUpdate> stream = ModelStream.hungUp();
        var subscriber = new Subscriber(new NodeName("node-1"), stream);
        subscriber.open(new PolicyCompiler());

        assertFalse(subscriber.send(new DeltaWire()));
        assertEquals(1, stream.writes(), "nothing was sent, so nothing was tried");
    }
}
