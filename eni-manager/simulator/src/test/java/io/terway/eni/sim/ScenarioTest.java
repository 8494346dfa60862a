package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioTest {

    @TempDir
    Path directory;

    @Test
    void labNodesAlternateOverTwoZonesWithPredictableAddresses() {
        List<Scenario.InstanceSpec> nodes =
                Scenario.lab(3, new InstanceType("ecs.g7.xlarge"), false).instances();
        assertEquals(List.of(Ip.parse("10.0.0.10")), nodes.get(0).address());
        assertEquals(List.of(Ip.parse("10.0.1.10")), nodes.get(1).address());
        assertEquals(List.of(Ip.parse("10.0.0.11")), nodes.get(2).address());
    }

    @Test
    void readsTheShapeOfItself() throws IOException {
        Path file = Files.writeString(directory.resolve("scenario.json"), """
                {"region":"cn-beijing","vpc":{"id":"vpc-1","name":"v","cidr":"172.16.0.0/12"},
                 "vSwitches":[{"id":"vsw-1","name":"a","zone":"cn-beijing-a","cidr":"172.16.0.0/24"}],
                 "groups":[{"id":"sg-1","name":"g","kind":"ENTERPRISE","allowAll":false}],
                 "instances":[{"id":"i-1","name":"n","type":"ecs.g7.large","vSwitch":"vsw-1","group":"sg-1"}]}
                """);
        Scenario scenario = Scenario.read(file);
        assertEquals("cn-beijing", scenario.region());
        assertEquals("i-1", scenario.instances().getFirst().id().value());
    }

    @Test
    void wrongFieldIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("scenario.json"), """
                {"region":"r","colour":"red","vpc":{"id":"vpc-1","name":"v","cidr":"10.0.0.0/8"},"vSwitches":[],
                 "groups":[]}
                """);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> Scenario.read(file));
        assertTrue(refusal.getMessage().contains("colour"), refusal.getMessage());
    }

    @Test
    void documentedTypesHaveTheirDocumentedLimits() {
        var type = InstanceTypes.documented().of(new InstanceType("ecs.g7.4xlarge"));
        assertEquals(8, type.enis());
        assertEquals(30, type.ipv4PerEni());
        var small = InstanceTypes.documented().of(new InstanceType("ecs.u1-c1m4.xlarge"));
        assertEquals(3, small.members());
    }
}
