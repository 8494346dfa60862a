package io.terway.eni.sim.serve;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.fault.Effect;
import io.terway.eni.sim.vpc.RouteEntryId;
import io.terway.eni.sim.vpc.RouteTableId;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** The model as JSON: ids, addresses and times as text, closed choices by the name of the case. */
final class Json {

    /** Thread-safe once built. */
    static final ObjectMapper MAPPER = mapper();

    private Json() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    private interface ByName {}

    private static ObjectMapper mapper() {
        SimpleModule module = new SimpleModule();
        text(module, Ip.class, Ip::parse);
        text(module, Cidr.class, Cidr::parse);
        text(module, Mac.class, Mac::parse);
        text(module, EniId.class, EniId::new);
        text(module, InstanceId.class, InstanceId::new);
        text(module, InstanceType.class, InstanceType::new);
        text(module, SecurityGroupId.class, SecurityGroupId::new);
        text(module, VSwitchId.class, VSwitchId::new);
        text(module, ZoneId.class, ZoneId::new);
        text(module, VpcId.class, VpcId::new);
        text(module, RouteTableId.class, RouteTableId::new);
        text(module, RouteEntryId.class, RouteEntryId::new);
        text(module, Instant.class, Instant::parse);
        text(module, Duration.class, Duration::parse);
        ObjectMapper mapper = new ObjectMapper()
                .registerModule(module)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
        sealed(mapper, EniState.class);
        sealed(mapper, Attachment.class);
        sealed(mapper, SecurityRule.Peer.class);
        sealed(mapper, Effect.class);
        return mapper;
    }

    private static void sealed(ObjectMapper mapper, Class<?> type) {
        mapper.addMixIn(type, ByName.class);
        for (Class<?> option : type.getPermittedSubclasses()) {
            mapper.registerSubtypes(
                    new com.fasterxml.jackson.databind.jsontype.NamedType(option, option.getSimpleName()));
        }
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new Writer<>(type));
        module.addDeserializer(type, new Reader<>(type, parse));
    }

    private static final class Writer<T> extends StdScalarSerializer<T> {
        private static final long serialVersionUID = 1L;

        Writer(Class<T> type) {
            super(type);
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class Reader<T> extends StdScalarDeserializer<T> {
        private static final long serialVersionUID = 1L;

        private final transient Function<String, T> parse;

        Reader(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        @SuppressWarnings("unchecked")
        public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            String text = in.getValueAsString();
            try {
                return parse.apply(text == null ? "" : text);
            } catch (IllegalArgumentException | java.time.DateTimeException e) {
                return (T) context.handleWeirdStringValue(handledType(), text, "%s", e.getMessage());
            }
        }
    }
}
