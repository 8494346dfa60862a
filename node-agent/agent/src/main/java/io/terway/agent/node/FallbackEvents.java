package io.terway.agent.node;

import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.link.Notice;
import io.terway.net.NodeName;
import io.terway.node.datapath.Connection;
import java.util.function.Consumer;

/** A datapath that tells Kubernetes when pods of the node get another one than was asked for. */
public final class FallbackEvents extends ForwardingDatapath {

    private final NodeName node;
    private final Consumer<Notice> notices;

    /** @param notices gets the node's notice with each such pod; must not block */
    public FallbackEvents(NodeName node, Datapath below, Consumer<Notice> notices) {
        super(below);
        this.node = node;
        this.notices = notices;
    }

    @Override
    public Connection supported(Connection wanted) {
        Connection supported = super.supported(wanted);
        if (wanted instanceof Connection.IpvlanSlave && !supported.equals(wanted)) {
            notices.accept(Notice.warning(
                    Notice.Subject.node(node),
                    "IPVlanUnsupported",
                    "IPVlan was asked for, but this kernel has none; pods get veth"));
        }
        return supported;
    }
}
