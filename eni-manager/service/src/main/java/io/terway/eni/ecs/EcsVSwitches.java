package io.terway.eni.ecs;

import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesResponse;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** vSwitches, which the VPC API pages by number. */
final class EcsVSwitches {

    /** The API's largest page, and the pages of a VPC that are read: 1,000 vSwitches. */
    private static final int PAGE = 50;

    private static final int MAX_PAGES = 20;

    private static final Optional<Duration> READING = Optional.empty();

    private EcsVSwitches() {}

    static CloudResult<List<VSwitch>> of(EcsClient client, VpcId vpc) {
        List<VSwitch> all = new ArrayList<>();
        for (int number = 1; number <= MAX_PAGES; number++) {
            DescribeVSwitchesRequest request = new DescribeVSwitchesRequest();
            request.setVpcId(vpc.value());
            request.setPageSize(PAGE);
            request.setPageNumber(number);
            switch (client.send(request, READING, EcsVSwitches::read)) {
                case CloudResult.Failed<List<VSwitch>>(CloudFailure failure) -> {
                    return CloudResult.failed(failure);
                }
                case CloudResult.Ok<List<VSwitch>>(List<VSwitch> page) -> {
                    all.addAll(page);
                    if (page.size() < PAGE) {
                        return CloudResult.ok(List.copyOf(all));
                    }
                }
            }
        }
        return CloudResult.ok(List.copyOf(all));
    }

    /** None or one. */
    static CloudResult<List<VSwitch>> named(EcsClient client, VSwitchId id) {
        DescribeVSwitchesRequest request = new DescribeVSwitchesRequest();
        request.setVSwitchId(id.value());
        return client.send(request, READING, EcsVSwitches::read);
    }

    private static List<VSwitch> read(DescribeVSwitchesResponse page) {
        return page.getVSwitches().stream().map(EcsReading::from).toList();
    }
}
