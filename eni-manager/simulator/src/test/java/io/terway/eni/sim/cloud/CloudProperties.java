package io.terway.eni.sim.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random operations on a small cloud; after each the books must balance. */
class CloudProperties {

    private static final int SEEDS = 20 * Integer.getInteger("terway.scale", 1);
    private static final int STEPS = 400;

    @Test
    void noAddressIsHeldTwiceAndNoneIsLost() {
        for (int seed = 0; seed < SEEDS; seed++) {
            LabCloud lab = new LabCloud("ecs.g7.2xlarge", Latencies.quick(), false);
            Random random = new Random(seed);
            for (int step = 0; step < STEPS; step++) {
                perform(lab, random);
                balance(lab, "seed " + seed + " step " + step);
            }
        }
    }

    @Test
    void snapshotRestoresToTheSameSnapshot() {
        LabCloud lab = new LabCloud("ecs.g7.2xlarge", Latencies.quick(), false);
        Random random = new Random(42);
        for (int step = 0; step < STEPS; step++) {
            perform(lab, random);
        }
        CloudSnapshot snapshot = lab.cloud.snapshot();
        Cloud again = Cloud.restore(snapshot, InstanceTypes.documented(), Latencies.quick(), false);
        assertEquals(snapshot, again.snapshot());
        assertEquals(
                lab.cloud.network().freeAddresses(LabCloud.PODS),
                again.network().freeAddresses(LabCloud.PODS));
    }

    private static void perform(LabCloud lab, Random random) {
        List<EniId> all = lab.cloud.enis().all().stream().map(Eni::id).toList();
        EniId id = all.get(random.nextInt(all.size()));
        try {
            switch (random.nextInt(9)) {
                case 0 -> lab.create(EniKind.SECONDARY, LabCloud.PODS, random.nextInt(12));
                case 1 -> lab.create(EniKind.TRUNK, LabCloud.PODS, 0);
                case 2 -> lab.cloud.lifecycle().attach(id, LabCloud.NODE, Optional.empty(), 0, lab.now);
                case 3 ->
                    lab.cloud
                            .lifecycle()
                            .attach(id, LabCloud.NODE, Optional.of(all.get(random.nextInt(all.size()))), 0, lab.now);
                case 4 -> lab.cloud.lifecycle().detach(id, LabCloud.NODE, lab.now);
                case 5 -> lab.cloud.lifecycle().delete(id, lab.now);
                case 6 -> lab.cloud.addresses().assign(id, wanted(random), lab.now);
                case 7 -> unassign(lab, lab.cloud.enis().get(id), random);
                default -> lab.pass(Duration.ofMillis(random.nextInt(300)));
            }
        } catch (Refusal e) {
            // A refusal must have changed nothing, which the balance shows.
        }
    }

    private static AddressRequest wanted(Random random) {
        boolean v6 = random.nextInt(4) == 0;
        return random.nextBoolean()
                ? AddressRequest.count(v6, 1 + random.nextInt(5))
                : new AddressRequest(v6, List.of(), 0, List.of(), 1 + random.nextInt(2));
    }

    private static void unassign(LabCloud lab, Eni eni, Random random) {
        boolean v6 = random.nextBoolean();
        List<Ip> held = v6 ? eni.ipv6() : eni.secondaries();
        lab.cloud.addresses().unassign(eni.id(), v6, held.subList(0, held.size() / 2), eni.prefixes(v6), lab.now);
    }

    private static void balance(LabCloud lab, String where) {
        Set<Ip> seen = new HashSet<>();
        long used = 0;
        for (Eni eni : lab.cloud.enis().all()) {
            for (Ip ip : eni.addresses()) {
                assertTrue(seen.add(ip), where + ": " + ip + " is held twice");
                assertEquals(Optional.of(eni.id()), lab.cloud.enis().holder(ip), where);
            }
            if (eni.vSwitch().equals(LabCloud.PODS)) {
                used += eni.ipv4().size() + 16L * eni.prefixes(false).size();
            }
        }
        assertEquals(4092 - used, lab.cloud.network().freeAddresses(LabCloud.PODS), where);
        assertTrue(lab.cloud.enis().on(LabCloud.NODE).size() <= 10, where);
    }
}
