package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a configuration says that the VPC, as it is, contradicts. */
public final class VpcChecks {

    private VpcChecks() {}

    /**
     * One line for each contradiction: what, which value, what to do.
     *
     * @param vpc all vSwitches of the VPC
     */
    public static List<String> problems(EniConfig config, List<VSwitchSupply> vpc) {
        List<String> problems = new ArrayList<>();
        Map<VSwitchId, VSwitchSupply> known = new HashMap<>();
        vpc.forEach(vSwitch -> known.put(vSwitch.id(), vSwitch));
        config.vSwitches()
                .forEach((zone, ids) -> ids.forEach(id -> {
                    VSwitchSupply vSwitch = known.get(id);
                    if (vSwitch == null) {
                        problems.add("vswitches." + zone + " names " + id + ", which is not in the VPC; remove it");
                    } else if (!vSwitch.zone().equals(zone)) {
                        problems.add("vswitches." + zone + " names " + id + ", which is in zone " + vSwitch.zone()
                                + "; put it under that zone");
                    }
                }));
        for (Cidr service : config.datapath().serviceCidrs()) {
            vpc.stream()
                    .filter(vSwitch -> vSwitch.cidr().overlaps(service))
                    .forEach(vSwitch ->
                            problems.add("service_cidr " + service + " overlaps " + vSwitch.cidr() + " of vSwitch "
                                    + vSwitch.id() + ", whose addresses pods cannot reach then; they must differ"));
        }
        problems.sort(null);
        return problems;
    }
}
