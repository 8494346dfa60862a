package io.terway.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlanCommandTest {

    /** The template of the guide's chapter 7.4. */
    private static final String GUIDE = """
            capacity_planning:
              cluster_info:
                name: "production-cluster"
                region: "cn-hangzhou"
                availability_zones: 3
              scale_requirements:
                target_pods: 20000
                peak_pods: 30000
                growth_rate_yearly: 50%
              node_config:
                instance_type: "ecs.g7.4xlarge"
                eni_per_node: 8
                ips_per_eni: 30
                pods_per_node: 240
              network_planning:
                vpc_cidr: "10.0.0.0/8"
                node_vswitches:
                  - {zone: "cn-hangzhou-h", cidr: "10.0.1.0/24", capacity: 254}
                  - {zone: "cn-hangzhou-i", cidr: "10.0.2.0/24", capacity: 254}
                  - {zone: "cn-hangzhou-j", cidr: "10.0.3.0/24", capacity: 254}
                pod_vswitches:
                  - {zone: "cn-hangzhou-h", cidr: "10.0.16.0/20", capacity: 4094}
                  - {zone: "cn-hangzhou-i", cidr: "10.0.32.0/20", capacity: 4094}
                  - {zone: "cn-hangzhou-j", cidr: "10.0.48.0/20", capacity: 4094}
                service_cidr: "172.16.0.0/16"
              calculations:
                required_nodes: 84
                total_pod_ips: 25200
                total_eni_quota: 500
            """;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String plan, String... options) throws IOException {
        Path file = Files.writeString(directory.resolve("plan.yaml"), plan);
        CommandLine line = TerwayCli.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        String[] all = new String[options.length + 2];
        all[0] = "plan";
        all[1] = file.toString();
        System.arraycopy(options, 0, all, 2, options.length);
        return line.execute(all);
    }

    private void says(String text) {
        assertTrue(out.toString().contains(text), text + " is not in:\n" + out);
    }

    @Test
    void theGuidesTemplateRunsOutOfAddressesFirst() throws IOException {
        assertEquals(1, run(GUIDE), err.toString());

        says("SHORT  pod vSwitches have 12276 addresses, fewer than 20000 pods: they run out first");
        says("pods_per_node is 240; ecs.g7.4xlarge holds 210");
        says("required_nodes is 84; 120 at 80 % use (105 by the guide's formula)");
        says("total_eni_quota is 500; the peak needs 1719, 84 nodes alone 807");
        says("the first address of a vSwitch and the last three: 10.0.1.0/24 252 (not 254), ");
        says("10.0.16.0/20 4092 (not 4094)");
        says("one only: cn-hangzhou-h, cn-hangzhou-i, cn-hangzhou-j");
        says("two of /19 or larger in each zone hold that");
        says("SHORT  pod vSwitches of cn-hangzhou-h have 4092 addresses, fewer than its 6667 pods: it needs 13000;");
        says("30000 pods at 50 % growth");
    }

    /** As the advice has it: two of /19 for the pods of each zone. */
    private static String followed() {
        return GUIDE.replaceAll("(?s)pod_vswitches:.*service_cidr", """
                        pod_vswitches:
                              - {zone: cn-hangzhou-h, cidr: "10.1.0.0/19"}
                              - {zone: cn-hangzhou-h, cidr: "10.1.32.0/19"}
                              - {zone: cn-hangzhou-i, cidr: "10.1.64.0/19"}
                              - {zone: cn-hangzhou-i, cidr: "10.1.96.0/19"}
                              - {zone: cn-hangzhou-j, cidr: "10.1.128.0/19"}
                              - {zone: cn-hangzhou-j, cidr: "10.1.160.0/19"}
                            service_cidr""").replaceAll("(?s)  calculations:.*", "");
    }

    @Test
    void aPlanThatFollowsTheAdviceFits() throws IOException {
        assertEquals(0, run(followed(), "--workload", "burst", "-o", "json"), out.toString() + err);

        JsonNode plan = new ObjectMapper().readTree(out.toString());
        assertTrue(plan.path("fits").asBoolean());
        assertEquals(210, plan.path("podsPerNode").asInt());
        assertEquals(179, plan.path("peakNodes").asInt());
        assertEquals(39_000, plan.path("addresses").asInt());
        assertEquals(30, plan.path("minPoolSize").asInt());
        assertEquals(80, plan.path("maxPoolSize").asInt());
    }

    @Test
    void eachZoneNeedsNodeVSwitchesOfItsOwn() throws IOException {
        assertEquals(1, run(followed().replaceAll("(?s)node_vswitches:.*pod_vswitches", """
                        node_vswitches: []
                            pod_vswitches""")), err.toString());

        says("SHORT  node vSwitches of cn-hangzhou-h have 0 addresses, fewer than its 60 nodes at the peak:"
                + " add a vSwitch of /26 or larger there");
        says("SHORT  node vSwitches of cn-hangzhou-j have 0 addresses");
        assertEquals(3, shortages(), out.toString());
    }

    @Test
    void nodeVSwitchesOfOneZoneAreNotThoseOfTheOthers() throws IOException {
        assertEquals(1, run(followed().replaceAll(" *- .zone: \"cn-hangzhou-[ij]\".*\n", "")), err.toString());

        says("SHORT  node vSwitches of cn-hangzhou-i have 0 addresses");
        says("SHORT  node vSwitches of cn-hangzhou-j have 0 addresses");
        assertEquals(2, shortages(), out.toString());
    }

    @Test
    void theFullZoneIsShortHoweverMuchAnotherHas() throws IOException {
        assertEquals(
                1,
                run(followed()
                        .replace("10.1.0.0/19", "10.8.0.0/16")
                        .replace("10.1.64.0/19", "10.1.64.0/29")
                        .replace("10.1.96.0/19", "10.1.96.0/29")),
                err.toString());

        says("SHORT  pod vSwitches of cn-hangzhou-i have 8 addresses, fewer than its 6667 pods: it needs 13000;"
                + " add a vSwitch of /18 or larger there");
        assertEquals(1, shortages(), out.toString());
    }

    @Test
    void theSpareOfAZoneCountsToo() throws IOException {
        assertEquals(1, run(followed().replace("10.1.96.0/19", "10.1.96.0/20")), err.toString());

        says(
                "SHORT  pod vSwitches of cn-hangzhou-i have 12280 addresses, less than 30 % spare above its 10000 pods at the"
                        + " peak: it needs 13000; add a vSwitch of /20 or larger there");
        assertEquals(1, shortages(), out.toString());
    }

    @Test
    void zonesThatNoVSwitchNamesAreShort() throws IOException {
        String five = followed().replace("availability_zones: 3", "availability_zones: 5");
        assertEquals(1, run(five), err.toString());

        says(
                "SHORT  availability_zones is 5 and vSwitches name only cn-hangzhou-h, cn-hangzhou-i, cn-hangzhou-j: 2 zones"
                        + " have no vSwitch; add to node_vswitches a vSwitch of /26 or larger and to pod_vswitches a vSwitch of /19"
                        + " or larger for each, or correct availability_zones");
        assertEquals(1, shortages(), out.toString());
    }

    @Test
    void moreZonesThanThereAreAreRefused() throws IOException {
        assertEquals(2, run(followed().replace("zone: cn-hangzhou-j", "zone: j")));

        assertTrue(
                err.toString()
                        .contains("availability_zones is 3 and the vSwitches name 4: cn-hangzhou-h, cn-hangzhou-i,"
                                + " cn-hangzhou-j, j; correct the number"),
                err.toString());
    }

    @Test
    void withoutANumberTheZonesAreThoseThatVSwitchesName() throws IOException {
        String unsaid = followed().replaceAll(" *availability_zones: 3\n", "");
        assertEquals(0, run(unsaid), out.toString() + err);
        assertEquals(
                1,
                run(unsaid.replaceAll(" *- .zone: cn-hangzhou-j.*\n", "")
                        .replace("/19", "/16")
                        .replace("10.1.0.0", "10.4.0.0")
                        .replace("10.1.32.0", "10.5.0.0")
                        .replace("10.1.64.0", "10.6.0.0")
                        .replace("10.1.96.0", "10.7.0.0")),
                err.toString());

        says("pod vSwitches of cn-hangzhou-j have 0 addresses");
    }

    @Test
    void adviceIsNoLargerThanAVSwitchMayBe() throws IOException {
        run(GUIDE.replace("peak_pods: 30000", "peak_pods: 3000000"));

        says("20 of /16 or larger in each zone hold that");
        says("it needs 1300000; add 20 vSwitches of /16 there");
    }

    private long shortages() {
        return out.toString().lines().filter(line -> line.startsWith("SHORT")).count();
    }

    @Test
    void aNetworkWithHostBitsIsRefusedWithTheCorrectedOne() throws IOException {
        assertEquals(2, run(GUIDE.replace("10.0.16.0/20", "10.0.11.0/20")));

        assertTrue(
                err.toString().contains("pod_vswitches: 10.0.11.0/20 has host bits set; the network is 10.0.0.0/20")
                        || err.toString().contains("the network is 10.0.0.0/20"),
                err.toString());
    }

    @Test
    void aVSwitchThatTheCloudDoesNotHaveIsRefused() throws IOException {
        assertEquals(2, run(GUIDE.replace("10.0.16.0/20", "10.0.0.0/14")));

        assertTrue(err.toString().contains("/16 to /29; divide a larger block into several"), err.toString());
    }

    @Test
    void networksThatOverlapOrLeaveTheVpcAreShort() throws IOException {
        assertEquals(
                1,
                run(GUIDE.replace("172.16.0.0/16", "10.0.0.0/16")
                        .replace("10.0.32.0/20", "10.0.16.0/21")
                        .replace("10.0.3.0/24", "192.168.0.0/24")));

        says("the service network 10.0.0.0/16 overlaps 10.0.1.0/24");
        says("10.0.16.0/20 and 10.0.16.0/21 overlap");
        says("192.168.0.0/24 is outside of the VPC 10.0.0.0/8");
    }

    @Test
    void whatIsMissingOrWrongIsNamed() throws IOException {
        assertEquals(2, run(GUIDE.replace("target_pods: 20000", "")));
        assertEquals(2, run(GUIDE.replace("eni_per_node: 8", "eni_per_node: many")));
        assertEquals(2, run(GUIDE.replace("peak_pods: 30000", "peak_pods: 3")));
        assertEquals(2, run("just text"));
        assertEquals(1, run(GUIDE.replace("required_nodes: 84", "required_nodes: 2147483647")), "only claimed");

        String said = err.toString();
        assertTrue(said.contains("has no target_pods"), said);
        assertTrue(said.contains("eni_per_node is 'many'; it must be a whole number"), said);
        assertTrue(said.contains("peak_pods is 3; it must be in 20000..10000000"), said);
        assertTrue(said.contains("holds no plan"), said);
        assertEquals(4, said.lines().count(), "one line each:\n" + said);
    }
}
