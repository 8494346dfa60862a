package io.terway.policy.cloud;

import io.terway.net.SecurityGroupId;
import io.terway.policy.group.GroupDiff;
import io.terway.policy.group.GroupRule;
import io.terway.policy.group.GroupType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cloud's security groups: a port, so that a model can stand in for eni-manager. */
public interface SecurityGroups {

    /**
     * A group as it is.
     *
     * @param ours rules with this cluster's mark, by id; empty where they say what we never say
     * @param others number of rules without it
     */
    record Group(SecurityGroupId id, GroupType type, Map<String, Optional<GroupRule>> ours, int others) {
        public Group {
            ours = Map.copyOf(ours);
        }
    }

    /** It cannot be asked or done now; the message says why. */
    final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unavailable(String message) {
            super(message);
        }
    }

    /** The groups that exist. */
    List<Group> list(Collection<SecurityGroupId> ids);

    /** Adds and takes away rules; what is done already is success. */
    void change(SecurityGroupId group, GroupDiff diff);
}
