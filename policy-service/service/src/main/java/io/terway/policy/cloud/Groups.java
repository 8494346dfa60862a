package io.terway.policy.cloud;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.terway.link.LeaderChannel;
import io.terway.link.Leadership;
import io.terway.link.Tls;
import io.terway.policy.PolicyCluster;
import io.terway.policy.config.PolicyConfig;
import io.terway.policy.k8s.PolicyEvents;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** Wires the loop: the way to eni-manager, and which of the replicas may change groups. */
public final class Groups implements AutoCloseable {

    private final EniManagerGroups cloud;
    private final Optional<Leadership> leadership;
    private final GroupLoop loop;

    public Groups(
            KubernetesClient client,
            PolicyConfig config,
            Supplier<Future<PolicyCluster>> snapshots,
            PolicyEvents events) {
        cloud = new EniManagerGroups(channel(client, config));
        // Two replicas that see the cluster at different moments would undo each other's rules.
        leadership = config.advertise()
                .map(address -> Leadership.start(
                        client,
                        Leadership.Settings.of(config.namespace(), "terway-policy-groups", address),
                        new Silent()));
        loop = new GroupLoop(
                snapshots,
                () -> leadership.map(Leadership::isLeader).orElse(true),
                cloud,
                config.groupRules(),
                events::unfit);
    }

    /** False when groups are followed no more. */
    public boolean isAlive() {
        return loop.isAlive();
    }

    @Override
    public void close() {
        loop.close();
        leadership.ifPresent(Leadership::close);
        cloud.close();
    }

    private static LeaderChannel channel(KubernetesClient client, PolicyConfig config) {
        Optional<Path> cache = config.stateDir()
                .map(Path::of)
                .filter(Files::isWritable)
                .map(directory -> directory.resolve("eni-manager.address"));
        var settings = new LeaderChannel.Settings(
                config.namespace(),
                "terway-eni",
                cache,
                Tls.of(
                        config.tls().certificate(),
                        config.tls().key(),
                        config.tls().authority()),
                config.token());
        return LeaderChannel.open(client, "terway.eni-manager", config.eniManager(), settings);
    }

    /** The loop looks whether it leads; it need not be told. */
    private static final class Silent implements Leadership.Listener {
        @Override
        public void elected(long term) {}

        @Override
        public void lost(long term) {}
    }
}
