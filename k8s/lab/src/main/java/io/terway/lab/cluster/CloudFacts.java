package io.terway.lab.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.terway.lab.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What the cloud process tells the supervisor in a file once every instance is plugged. Plain strings: this is the JSON.
 *
 * @param endpoint host:port of the ECS and VPC API
 * @param control URL of the simulator's control API; empty when it has none
 */
public record CloudFacts(
        String endpoint,
        String control,
        String region,
        String accessKeyId,
        String accessKeySecret,
        String vpcId,
        String securityGroupId,
        List<VSwitch> vSwitches,
        List<Instance> instances) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** @param pods true for a vSwitch that pods take addresses from, false for the nodes' own */
    public record VSwitch(String id, String zone, String cidr, boolean pods) {}

    /** @param ip6 empty without IPv6 */
    public record Instance(String node, String id, String type, String zone, String ip, String ip6) {}

    public CloudFacts {
        vSwitches = List.copyOf(vSwitches);
        instances = List.copyOf(instances);
    }

    /** Written whole or not at all: the supervisor may look at any time. */
    public void write(Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.write(part, JSON.writeValueAsBytes(this));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Refusal("cannot write " + file + ": " + e.getMessage());
        }
    }

    public static CloudFacts read(Path file) {
        try {
            return JSON.readValue(Files.readAllBytes(file), CloudFacts.class);
        } catch (IOException e) {
            throw new Refusal("cannot read " + file + ": " + e.getMessage());
        }
    }
}
