package io.terway.policy.grpc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.net.NodeName;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.wire.policy.v1.PolicyUpdate;
import org.junit.jupiter.api.Test;

class SubscriberTest {

    @Test
    void agentThatHangsUpWhileItIsWrittenToIsNoFailureOfTheCompiler() {
        var stream = new HungUp();
        var subscriber = new Subscriber(new NodeName("node-1"), stream);
        subscriber.open(new PolicyCompiler());

        assertFalse(subscriber.send(new DeltaWire()));
        assertTrue(stream.written, "nothing was sent, so nothing was tried");
    }

    /** Cancelled after it was found ready. */
    private static final class HungUp extends ServerCallStreamObserver<PolicyUpdate> {

        private boolean written;

        @Override
        public void onNext(PolicyUpdate update) {
            written = true;
            throw Status.CANCELLED.asRuntimeException();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
