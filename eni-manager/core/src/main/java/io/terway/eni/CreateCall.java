package io.terway.eni;

import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/**
 * One CreateNetworkInterface.
 *
 * @param ipv4Count secondary addresses, 0 to 49
 * @param ipv6Count 0 to 10
 * @param resourceGroup empty for the account's default
 */
public record CreateCall(
        VSwitchId vSwitch,
        List<SecurityGroupId> groups,
        int ipv4Count,
        int ipv6Count,
        Map<String, String> tags,
        String resourceGroup,
        EniType type,
        String clientToken) {

    public CreateCall {
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
    }
}
