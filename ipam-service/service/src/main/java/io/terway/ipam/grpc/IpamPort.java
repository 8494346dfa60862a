package io.terway.ipam.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.terway.ipam.config.IpamConfig;
import io.terway.link.CallLimit;
import io.terway.link.CallerGate;
import io.terway.link.GrpcPort;
import io.terway.link.Tls;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The port for agents and tools: who they are is checked, each agent for its own node by the handlers. */
@ApplicationScoped
public class IpamPort {

    private static final Logger LOG = Logger.getLogger(IpamPort.class);
    /** After {@link IpamProcess}, both at the start and at the end, where it tells sessions why they end. */
    private static final int AFTER_THE_PROCESS = jakarta.interceptor.Interceptor.Priority.LIBRARY_AFTER;

    private final IpamProcess process;
    private final IpamConfig config;
    private final KubernetesClient kubernetes;
    private volatile Optional<GrpcPort> port = Optional.empty();

    IpamPort(IpamProcess process, IpamConfig config, KubernetesClient kubernetes) {
        this.process = process;
        this.config = config;
        this.kubernetes = kubernetes;
    }

    void open(@Observes @Priority(AFTER_THE_PROCESS) StartupEvent event) {
        boolean verify = config.callers().verify().orElse(config.leaderElection());
        IpamConfig.Tls files = config.tls();
        GrpcPort open = GrpcPort.open(
                new InetSocketAddress(config.listen().host(), config.listen().port()),
                Tls.of(files.certificate(), files.key(), files.authority()),
                io.terway.wire.ipam.v1.IpamGrpc.bindService(new IpamGrpc(process)),
                List.of(
                        CallerGate.of(verify, () -> kubernetes, config.namespace(), _ -> true),
                        new CallLimit(config.callers().mostCalls())));
        port = Optional.of(open);
        LOG.infof("agents are served on %s:%d", config.listen().host(), open.number());
    }

    void close(@Observes @Priority(AFTER_THE_PROCESS) ShutdownEvent event) {
        port.ifPresent(GrpcPort::close);
    }

    /** The port, also where any was asked for. */
    int number() {
        return port.orElseThrow(() -> new IllegalStateException("not started yet"))
                .number();
    }
}
