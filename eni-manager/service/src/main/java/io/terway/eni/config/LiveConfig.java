package io.terway.eni.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.terway.eni.Action;
import io.terway.eni.AssignCall;
import io.terway.eni.Tuning;
import io.terway.eni.TuningReader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the ConfigMap eni-config says to us, in force until it says something else; what it does not say is as at start. An
 * unreadable or wrong one is refused as a whole and changes nothing. Any thread.
 */
public final class LiveConfig implements Supplier<Tuning> {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Tuning atStart;
    private volatile Tuning tuning;
    private volatile Optional<AccessKey> accessKey = Optional.empty();
    private volatile Optional<Path> credentialPath = Optional.empty();
    private volatile List<String> problems = List.of();

    /** An access key of the ConfigMap. Never shown. */
    public record AccessKey(String id, String secret) {
        @Override
        public String toString() {
            return "access key";
        }
    }

    public LiveConfig(EniManagerConfig config) {
        this(atStart(config));
    }

    public LiveConfig(Tuning atStart) {
        this.atStart = atStart;
        tuning = atStart;
    }

    private static Tuning atStart(EniManagerConfig config) {
        Map<Action, Double> rates = new EnumMap<>(Action.class);
        EniManagerConfig.RateLimit limits = config.rateLimit();
        rate(rates, limits.eniCreateQps(), Action.CREATE_NETWORK_INTERFACE);
        rate(rates, limits.eniDeleteQps(), Action.DELETE_NETWORK_INTERFACE);
        rate(rates, limits.ipAssignQps(), Action.ASSIGN_PRIVATE_IP_ADDRESSES, Action.ASSIGN_IPV6_ADDRESSES);
        rate(rates, limits.ipUnassignQps(), Action.UNASSIGN_PRIVATE_IP_ADDRESSES, Action.UNASSIGN_IPV6_ADDRESSES);
        return new Tuning(
                new Tuning.Rates(rates, limits.burstSize()),
                new Tuning.Batch(true, AssignCall.MAX_ADDRESSES, config.batch().interval()),
                new Tuning.Cache(
                        config.cache().eniTtl(),
                        config.watchInterval(),
                        config.cache().vpcTtl()),
                Tuning.DEFAULTS.collection(),
                Tuning.DEFAULTS.vSwitchPolicy(),
                Tuning.DEFAULTS.tagRules());
    }

    private static void rate(Map<Action, Double> rates, double qps, Action... actions) {
        if (qps > 0) {
            for (Action action : actions) {
                rates.put(action, qps);
            }
        }
    }

    @Override
    public Tuning get() {
        return tuning;
    }

    public Optional<AccessKey> accessKey() {
        return accessKey;
    }

    /** What credential_path names. */
    public Optional<Path> credentialPath() {
        return credentialPath;
    }

    /**
     * Takes in the data of the ConfigMap; absent data stands for nothing said.
     *
     * @return why it was refused, empty when it is in force
     */
    public synchronized List<String> take(Map<String, String> data) {
        problems = judged(data);
        return problems;
    }

    /** Why the last one was refused, if it was. */
    public List<String> problems() {
        return problems;
    }

    private List<String> judged(Map<String, String> data) {
        Map<String, Object> conf;
        try {
            conf = eniConf(data);
        } catch (JsonProcessingException e) {
            return List.of("eni_conf is not JSON: " + e.getOriginalMessage());
        }
        Optional<Path> path;
        try {
            path = credentialPath(conf);
        } catch (IllegalArgumentException e) {
            return List.of("eni_conf.credential_path is '" + conf.get("credential_path")
                    + "'; it must be the absolute path of a token file, or of a directory with access-key-id and"
                    + " access-key-secret");
        }
        return switch (TuningReader.read(conf, atStart)) {
            case TuningReader.Reading.Refused(List<String> problems) -> problems;
            case TuningReader.Reading.Accepted(Tuning accepted) -> {
                tuning = accepted;
                accessKey = accessKey(conf);
                credentialPath = path;
                yield List.of();
            }
        };
    }

    /** The object of eni_conf; comments and trailing commas are allowed, as the guide writes them. */
    static Map<String, Object> eniConf(Map<String, String> data) throws JsonProcessingException {
        return JSON.readValue(data.getOrDefault("eni_conf", "{}"), OBJECT);
    }

    private static Optional<AccessKey> accessKey(Map<String, Object> conf) {
        String id = String.valueOf(conf.getOrDefault("access_key", "")).strip();
        String secret = String.valueOf(conf.getOrDefault("access_secret", "")).strip();
        return id.isEmpty() || secret.isEmpty() ? Optional.empty() : Optional.of(new AccessKey(id, secret));
    }

    private static Optional<Path> credentialPath(Map<String, Object> conf) {
        Object value = conf.get("credential_path");
        if (value == null || value.equals("")) {
            return Optional.empty();
        }
        Path path = Path.of(value.toString());
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("relative");
        }
        return Optional.of(path);
    }
}
