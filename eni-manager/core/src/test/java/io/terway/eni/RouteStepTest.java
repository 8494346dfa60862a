package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouteStepTest {

    private static final ClusterTags TAGS = new ClusterTags("c1");
    private static final Cidr PODS = Cidr.parse("172.20.1.0/24");
    private static final InstanceId HERE = new InstanceId("i-1");
    private static final InstanceId THERE = new InstanceId("i-2");

    private static VpcRoute route(InstanceId to, String status, String description) {
        return new VpcRoute("rte-1", PODS, to.value(), status, description);
    }

    private static VpcRoute ours(InstanceId to, String status) {
        return route(to, status, TAGS.mark());
    }

    private static RouteStep put(VpcRoute... seen) {
        return RouteStep.put(List.of(seen), PODS, HERE, TAGS);
    }

    private static RouteStep remove(VpcRoute... seen) {
        return RouteStep.remove(List.of(seen), PODS, HERE, TAGS);
    }

    @Test
    void anEntryIsMadeOnlyWhereNoneIs() {
        assertEquals(new RouteStep.Create(), put());
        assertEquals(new RouteStep.Reached(), put(ours(HERE, "Available")));
        assertEquals(new RouteStep.Wait(), put(ours(HERE, "Pending")));
    }

    @Test
    void oursToAnotherInstanceIsReplacedAndOthersIsNot() {
        VpcRoute elsewhere = ours(THERE, "Available");

        assertEquals(new RouteStep.Delete(elsewhere), put(elsewhere));
        assertEquals(new RouteStep.Wait(), put(ours(THERE, "Deleting")));
        assertInstanceOf(RouteStep.Refused.class, put(route(THERE, "Available", "somebody's")));
        assertInstanceOf(RouteStep.Refused.class, put(route(THERE, "Available", TAGS.mark() + "2")));
    }

    @Test
    void aRemovalSparesWhatLeadsElsewhereByNow() {
        assertEquals(new RouteStep.Reached(), remove(ours(THERE, "Available")));
        assertEquals(new RouteStep.Reached(), remove());
        assertEquals(new RouteStep.Delete(ours(HERE, "Available")), remove(ours(HERE, "Available")));
        assertInstanceOf(RouteStep.Refused.class, remove(route(HERE, "Available", "")));
    }
}
