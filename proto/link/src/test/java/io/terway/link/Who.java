package io.terway.link;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A service of one unary call on texts, for tests of what lies around a service. */
final class Who {

    static final MethodDescriptor<String, String> AM = MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Who/Am")
            .setRequestMarshaller(new Text())
            .setResponseMarshaller(new Text())
            .build();

    private Who() {}

    static ServerServiceDefinition served(ServerCalls.UnaryMethod<String, String> handler) {
        return ServerServiceDefinition.builder("test.Who")
                .addMethod(AM, ServerCalls.asyncUnaryCall(handler))
                .build();
    }

    /** Answers with what was asked and by whom. */
    static ServerServiceDefinition echo() {
        return served((request, out) -> {
            out.onNext(request + " " + Caller.current());
            out.onCompleted();
        });
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {

        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
