package io.terway.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What kubelet says to a runtime, as far as tests need it: a few calls of runtime.v1.RuntimeService, their messages written
 * field by field from the numbers in its api.proto.
 */
final class Cri implements AutoCloseable {

    private static final int READY = 0;

    private final EpollEventLoopGroup threads = new EpollEventLoopGroup(1);
    private final ManagedChannel channel;

    /** A pod as kubelet describes it; {@code hostPort} 0 for none leads to 8080 of the pod. */
    record Sandbox(String name, String uid, int hostPort) {

        private Message config() {
            Message config = new Message()
                    .with(1, new Message().with(1, name).with(2, uid).with(3, "default"))
                    .with(2, name);
            return hostPort == 0
                    ? config
                    : config.with(5, new Message().with(2, 8080).with(3, hostPort));
        }
    }

    /** What a command in a container printed and how it ended. */
    record Exec(int exit, String output) {}

    Cri(Path socket) {
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(threads)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .usePlaintext()
                .build();
    }

    String run(Sandbox sandbox) {
        return call("RunPodSandbox", new Message().with(1, sandbox.config())).text(1);
    }

    void stop(String sandbox) {
        call("StopPodSandbox", new Message().with(1, sandbox));
    }

    void remove(String sandbox) {
        call("RemovePodSandbox", new Message().with(1, sandbox));
    }

    List<String> sandboxes() {
        return call("ListPodSandbox", new Message()).messages(1).stream()
                .map(sandbox -> sandbox.text(1))
                .toList();
    }

    boolean isReady(String sandbox) {
        return status(sandbox).number(3) == READY;
    }

    String address(String sandbox) {
        return status(sandbox).message(5).text(1);
    }

    private Message status(String sandbox) {
        return call("PodSandboxStatus", new Message().with(1, sandbox)).message(1);
    }

    /** True when the runtime says that its network is ready. */
    boolean isNetworkReady() {
        return call("Status", new Message()).message(1).messages(1).stream()
                .anyMatch(condition -> condition.text(1).equals("NetworkReady") && condition.number(2) == 1);
    }

    /** Starts a container of the pod. */
    String start(String sandbox, Sandbox pod, String name, String... command) {
        Message config =
                new Message().with(1, new Message().with(1, name)).with(2, new Message().with(1, BusyboxImage.NAME));
        for (String word : command) {
            config.with(3, word);
        }
        String container = call(
                        "CreateContainer",
                        new Message().with(1, sandbox).with(2, config).with(3, pod.config()))
                .text(1);
        call("StartContainer", new Message().with(1, container));
        return container;
    }

    Exec exec(String container, String... command) {
        Message request = new Message().with(1, container).with(3, 30);
        for (String word : command) {
            request.with(2, word);
        }
        Message done = call("ExecSync", request);
        return new Exec((int) done.number(3), done.text(1) + done.text(2));
    }

    private Message call(String method, Message request) {
        MethodDescriptor<Message, Message> descriptor = MethodDescriptor.<Message, Message>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("runtime.v1.RuntimeService/" + method)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        CallOptions patience = CallOptions.DEFAULT.withDeadlineAfter(90, TimeUnit.SECONDS);
        return ClientCalls.blockingUnaryCall(channel, descriptor, patience, request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Fields by number, of a message whose definition is not here. */
    private static final class Message {

        private final UnknownFieldSet.Builder fields;

        Message() {
            this(UnknownFieldSet.getDefaultInstance());
        }

        private Message(UnknownFieldSet fields) {
            this.fields = fields.toBuilder();
        }

        Message with(int number, String text) {
            return with(number, ByteString.copyFromUtf8(text));
        }

        Message with(int number, Message message) {
            return with(number, message.fields.build().toByteString());
        }

        private Message with(int number, ByteString bytes) {
            fields.mergeField(
                    number, Field.newBuilder().addLengthDelimited(bytes).build());
            return this;
        }

        Message with(int number, long value) {
            fields.mergeField(number, Field.newBuilder().addVarint(value).build());
            return this;
        }

        String text(int number) {
            var values = fields.build().getField(number).getLengthDelimitedList();
            return values.isEmpty() ? "" : values.getLast().toStringUtf8();
        }

        long number(int number) {
            var values = fields.build().getField(number).getVarintList();
            return values.isEmpty() ? 0 : values.getLast();
        }

        Message message(int number) {
            var all = messages(number);
            return all.isEmpty() ? new Message() : all.getLast();
        }

        List<Message> messages(int number) {
            return fields.build().getField(number).getLengthDelimitedList().stream()
                    .map(Message::parse)
                    .toList();
        }

        static Message parse(ByteString bytes) {
            try {
                return new Message(UnknownFieldSet.parseFrom(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Messages on the wire. */
    private static final class Bytes implements MethodDescriptor.Marshaller<Message> {

        @Override
        public InputStream stream(Message message) {
            return new ByteArrayInputStream(message.fields.build().toByteArray());
        }

        @Override
        public Message parse(InputStream in) {
            try {
                return new Message(UnknownFieldSet.parseFrom(CodedInputStream.newInstance(in)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
