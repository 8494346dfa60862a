package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.RetryBudget;
import io.terway.eni.TokenBucket;
import io.terway.eni.config.EniManagerConfig;
import java.util.EnumMap;
import java.util.Map;

/** The token bucket of each action and the retry budget of all, shared by every caller in the process. */
public final class Pace {

    private static final double SECONDS_PER_MINUTE = 60;

    // guarded by this
    private final Map<Action, TokenBucket> buckets = new EnumMap<>(Action.class);
    // guarded by this
    private final RetryBudget budget = new RetryBudget();

    public Pace(EniManagerConfig.RateLimit config, long nowNanos) {
        for (Action action : Action.values()) {
            double configured = configured(config, action);
            double perSecond = configured > 0 ? configured : action.callsPerMinute() / SECONDS_PER_MINUTE;
            buckets.put(action, new TokenBucket(perSecond, config.burstSize(), nowNanos));
        }
    }

    private static double configured(EniManagerConfig.RateLimit config, Action action) {
        return switch (action) {
            case CREATE_NETWORK_INTERFACE -> config.eniCreateQps();
            case DELETE_NETWORK_INTERFACE -> config.eniDeleteQps();
            case ASSIGN_PRIVATE_IP_ADDRESSES, ASSIGN_IPV6_ADDRESSES -> config.ipAssignQps();
            case UNASSIGN_PRIVATE_IP_ADDRESSES, UNASSIGN_IPV6_ADDRESSES -> config.ipUnassignQps();
            case ATTACH_NETWORK_INTERFACE,
                    DETACH_NETWORK_INTERFACE,
                    MODIFY_NETWORK_INTERFACE_ATTRIBUTE,
                    TAG_RESOURCES,
                    UNTAG_RESOURCES,
                    CREATE_ROUTE_ENTRY,
                    DELETE_ROUTE_ENTRY,
                    AUTHORIZE_SECURITY_GROUP,
                    AUTHORIZE_SECURITY_GROUP_EGRESS,
                    REVOKE_SECURITY_GROUP,
                    REVOKE_SECURITY_GROUP_EGRESS,
                    DESCRIBE_NETWORK_INTERFACES,
                    DESCRIBE_INSTANCES,
                    DESCRIBE_INSTANCE_TYPES,
                    DESCRIBE_V_SWITCHES,
                    DESCRIBE_ROUTE_TABLE_LIST,
                    DESCRIBE_ROUTE_ENTRY_LIST,
                    DESCRIBE_SECURITY_GROUPS,
                    DESCRIBE_SECURITY_GROUP_ATTRIBUTE -> 0;
        };
    }

    synchronized TokenBucket.Turn take(Action action, long nowNanos) {
        return buckets.get(action).take(nowNanos);
    }

    synchronized void throttled(Action action, long nowNanos) {
        buckets.get(action).throttled(nowNanos);
    }

    synchronized void succeeded(Action action, long nowNanos) {
        buckets.get(action).succeeded(nowNanos);
    }

    synchronized void called() {
        budget.called();
    }

    synchronized boolean tryRetry() {
        return budget.tryRetry();
    }
}
