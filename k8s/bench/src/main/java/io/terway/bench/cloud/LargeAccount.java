package io.terway.bench.cloud;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A scenario with as many instances as asked for, over two zones, and pod vSwitches for 260,000 addresses. */
final class LargeAccount {

    static final String GROUP = "sg-bp1large";

    private static final String[] ZONES = {"h", "i"};
    private static final ObjectMapper JSON = new ObjectMapper();

    private LargeAccount() {}

    static String instance(int number) {
        return "i-bp1node%05d".formatted(number + 1);
    }

    /** @param round 1 or 2: a vSwitch has room for one ENI of 20 addresses on each node of its zone */
    static String podVSwitch(int number, int round) {
        return "vsw-bp1pod" + round + "-" + ZONES[number % 2];
    }

    /** An enterprise group counts ENIs: a basic one would be full at 6,000 addresses. */
    static Path write(Path file, int instances) throws IOException {
        ObjectNode scenario = JSON.createObjectNode().put("region", "cn-hangzhou");
        scenario.putObject("vpc").put("id", "vpc-bp1large").put("name", "large").put("cidr", "10.0.0.0/8");
        ArrayNode vSwitches = scenario.putArray("vSwitches");
        for (int zone = 0; zone < ZONES.length; zone++) {
            vSwitch(vSwitches, "node-" + ZONES[zone], ZONES[zone], "10.%d.0.0/16".formatted(zone));
            vSwitch(vSwitches, "pod1-" + ZONES[zone], ZONES[zone], "10.%d.0.0/16".formatted(64 + zone));
            vSwitch(vSwitches, "pod2-" + ZONES[zone], ZONES[zone], "10.%d.0.0/16".formatted(66 + zone));
        }
        scenario.putArray("groups")
                .addObject()
                .put("id", GROUP)
                .put("name", "large")
                .put("kind", "ENTERPRISE")
                .put("allowAll", true);
        ArrayNode list = scenario.putArray("instances");
        for (int number = 0; number < instances; number++) {
            list.addObject()
                    .put("id", instance(number))
                    .put("name", "node-" + (number + 1))
                    .put("type", "ecs.g7.4xlarge")
                    .put("vSwitch", "vsw-bp1node-" + ZONES[number % 2])
                    .put("group", GROUP);
        }
        return Files.write(file, JSON.writeValueAsBytes(scenario));
    }

    private static void vSwitch(ArrayNode list, String name, String zone, String cidr) {
        list.addObject()
                .put("id", "vsw-bp1" + name)
                .put("name", name)
                .put("zone", "cn-hangzhou-" + zone)
                .put("cidr", cidr);
    }
}
