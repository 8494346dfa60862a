package io.terway.eni;

import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/**
 * One CreateNetworkInterface.
 *
 * @param resourceGroup empty for the account's default
 * @param type a member is created as an ordinary secondary ENI; its attachment makes it one
 */
public record CreateCall(
        VSwitchId vSwitch,
        List<SecurityGroupId> groups,
        AddressCounts counts,
        Map<String, String> tags,
        String resourceGroup,
        EniType type,
        String clientToken) {

    public CreateCall {
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
    }
}
