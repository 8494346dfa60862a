package io.terway.eni.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.terway.eni.config.EniManagerConfig;
import io.terway.wire.eni.v1.EniManagerGrpc;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/**
 * Every unary method of the contract with requests that no client of ours would send, made field by field from the
 * contract itself. Whatever comes, the answer is one that a caller can act on, and nothing is changed in the cloud.
 */
@QuarkusTest
@QuarkusTestResource(TwinResource.class)
class BadRequestsIT {

    private static final int REQUESTS =
            (int) Math.max(60, 600 * Double.parseDouble(System.getProperty("test.scale", "1")));

    /** Refusals a caller can act on: a read of what does not exist, no instance known yet. */
    private static final Set<Status.Code> FIT = Set.of(
            Status.Code.INVALID_ARGUMENT,
            Status.Code.NOT_FOUND,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.UNAVAILABLE);

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "0",
            "-1",
            "nonsense",
            "i-none",
            "eni-none",
            "10.0.0.256",
            "10.0.0.0/33",
            "::1/129",
            "10.0.0.1/8",
            "a b",
            "a\nb",
            "\u4e2d\u6587",
            "../../etc/passwd",
            "%s%n",
            "'; DROP TABLE",
            "x".repeat(65),
            "x".repeat(300),
            "x".repeat(5_000),
            "TCP",
            "Member",
            "Trunk",
            "80/443",
            "443/80",
            "-1/-1");

    private static final int[] NUMBERS = {
        0, 1, 10, 11, 49, 50, 51, 101, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1
    };

    @Inject
    EniManagerConfig config;

    private final Random random = new Random(7);

    @Test
    void badInputIsRefusedWithFieldAndValueAndChangesNothing() throws IOException {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        long changesBefore = changes();
        Map<String, Integer> answers = new TreeMap<>();
        try {
            List<MethodDescriptor<?, ?>> methods = EniManagerGrpc.getServiceDescriptor().getMethods().stream()
                    .filter(method -> method.getType() == MethodDescriptor.MethodType.UNARY)
                    .filter(method -> !method.getBareMethodName().equals("Status"))
                    .<MethodDescriptor<?, ?>>map(method -> method)
                    .toList();
            for (int i = 0; i < REQUESTS; i++) {
                MethodDescriptor<?, ?> method = methods.get(i % methods.size());
                answers.merge(send(channel, method), 1, Integer::sum);
            }
        } finally {
            channel.shutdownNow();
        }

        assertEquals(changesBefore, changes(), "something was changed: " + answers);
        assertTrue(answers.getOrDefault("INVALID_ARGUMENT", 0) > REQUESTS / 2, answers.toString());
    }

    @SuppressWarnings("unchecked")
    private String send(ManagedChannel channel, MethodDescriptor<?, ?> method) throws IOException {
        Descriptor input = ((ProtoMethodDescriptorSupplier) method.getSchemaDescriptor())
                .getMethodDescriptor()
                .getInputType();
        DynamicMessage dynamic = random(input, 0);
        MethodDescriptor<Message, Message> call = (MethodDescriptor<Message, Message>) method;
        Message request = call.parseRequest(dynamic.toByteString().newInput());
        try {
            Message reply = ClientCalls.blockingUnaryCall(
                    channel, call, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), request);
            return "answered" + (reply.toString().contains("failure") ? " with a failure" : "");
        } catch (StatusRuntimeException refused) {
            Status status = refused.getStatus();
            assertTrue(
                    FIT.contains(status.getCode()),
                    method.getBareMethodName() + " of " + brief(request) + ": " + status);
            if (status.getCode() == Status.Code.INVALID_ARGUMENT) {
                String field = status.getDescription().split("[:\\[.]", 2)[0];
                boolean named = input.findFieldByName(field) != null || field.equals("request");
                assertTrue(named, "no field is named: " + status.getDescription());
                assertTrue(status.getDescription().length() < 500, "a refusal must stay short");
            }
            return status.getCode().name();
        }
    }

    private static String brief(Message request) {
        String text = request.toString();
        return text.length() < 300 ? text : text.substring(0, 300);
    }

    private DynamicMessage random(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            // Terms are left out: a high one would shut the tests beside this one out.
            if (field.getName().equals("term") || random.nextInt(4) == 0) {
                continue;
            }
            if (field.isRepeated()) {
                List<Object> values = new ArrayList<>();
                int count = random.nextInt(5) == 0 ? 70 : random.nextInt(3);
                for (int i = 0; i < count; i++) {
                    values.add(value(field, depth));
                }
                message.setField(field, values);
            } else {
                message.setField(field, value(field, depth));
            }
        }
        return message.build();
    }

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
            case INT -> NUMBERS[random.nextInt(NUMBERS.length)];
            case LONG -> (long) NUMBERS[random.nextInt(NUMBERS.length)];
            case BOOLEAN -> random.nextBoolean();
            case ENUM -> any(field.getEnumType());
            case MESSAGE -> random(field.getMessageType(), depth + 1);
            case FLOAT, DOUBLE, BYTE_STRING -> throw new AssertionError("the contract has no " + field.getJavaType());
        };
    }

    private Object any(EnumDescriptor type) {
        return random.nextInt(4) == 0
                ? type.findValueByNumberCreatingIfUnknown(77)
                : type.getValues().get(random.nextInt(type.getValues().size()));
    }

    /** Changes of the cloud so far: lines of the audit file that ended well. */
    private long changes() throws IOException {
        Path file = config.stateDir().resolve("audit").resolve("audit.jsonl");
        return Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .filter(line -> line.contains("\"outcome\":\"ok\""))
                        .filter(line -> line.contains("\"action\":\"Create")
                                || line.contains("\"action\":\"A")
                                || line.contains("\"action\":\"Mod"))
                        .count()
                : 0;
    }
}
