package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.terway.agent.IpamModel.Stock;
import io.terway.cni.CniReply;
import io.terway.node.ledger.EniGroups;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** ENI mode with one ENI, which a pod with security groups of its own had: no other pod gets it with those groups. */
@Timeout(120)
class SecurityGroupIT extends OneAgent {

    @BeforeEach
    void oneEni() {
        Stock eight = Stocks.of("ENI");
        Stock one = new Stock(eight.enis().subList(0, 1), eight.addresses().subList(0, 1), eight.attachment());
        Stocks.plugged(one).forEach(kernel::plug);
        ipam.serve("ENI", one);
        restart();
        await("the offer", () -> node.ledger.read(s -> s.offered().size() == 1));
        ipam.push("app", Map.of("k8s.aliyun.com/security-group", "sg-app"));
        known("web");
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c1", "app")));
    }

    private EniGroups groups() {
        return node.ledger.read(s -> s.enis().iterator().next().groups());
    }

    @Test
    void theAgentAloneGivesItToNobodyUntilIpamServiceHasTakenThemOff() throws Exception {
        node.call("DEL", "c1", "app");
        ipam.behave(IpamModel.Manner.HANG);
        restart(); // what it knows of the groups is in the ledger
        assertEquals(EniGroups.POD, groups());
        BooleanSupplier asked = () -> ipam.asked("c2");
        Future<CniReply> add = CompletableFuture.supplyAsync(() -> node.call("ADD", "c2", "web"));
        await("its question", asked);
        assertFalse(add.isDone());
        ipam.regroup(io.terway.wire.net.v1.EniGroups.OF_THE_POOL);
        assertEquals(ip(1), TestNode.address(add.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void whatIpamServiceGivesToAnOrdinaryPodHasThePoolsAgain() {
        node.call("DEL", "c1", "app");
        assertEquals(EniGroups.POD, groups());
        await("the release", () -> ipam.events.stream().anyMatch(e -> e.hasReleased()));
        assertEquals(ip(1), TestNode.address(node.call("ADD", "c2", "web")));
        assertEquals(EniGroups.POOL, groups());
        assertEquals(List.of(key("c2")), List.copyOf(kernel.connected().keySet()));
    }
}
