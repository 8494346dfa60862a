package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkEnd;
import io.terway.linux.netlink.Links;
import io.terway.linux.netlink.Request;
import io.terway.linux.netns.NetnsFd;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.DatapathOp;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.Place;
import io.terway.node.datapath.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Carries out one plan with as few system calls as its order allows: one for the pair, one for the pod's side, one for
 * the host's side, and a write per sysctl that differs.
 */
final class PlanExecution {

    private final NetnsKernel host;
    private final NetnsFd hostNetns;
    private final Optional<NetnsKernel> pod;
    private final Optional<NetnsFd> podNetns;
    private final TrunkTags tags;
    private final List<Request> waiting = new ArrayList<>();
    private Place side = Place.HOST;
    private long hostNanos;
    private long podNanos;
    private boolean retired;

    PlanExecution(
            NetnsKernel host,
            NetnsFd hostNetns,
            Optional<NetnsKernel> pod,
            Optional<NetnsFd> podNetns,
            TrunkTags tags) {
        this.host = host;
        this.hostNetns = hostNetns;
        this.pod = pod;
        this.podNetns = podNetns;
        this.tags = tags;
    }

    /** @throws io.terway.linux.ffm.KernelRefusal of the first operation refused; later ones of its batch were tried */
    void run(List<DatapathOp> ops) {
        for (DatapathOp op : ops) {
            if (op.place() != side) {
                flush();
                side = op.place();
            }
            long start = System.nanoTime();
            add(op);
            count(start);
        }
        flush();
    }

    /** Time spent on the host's side, the making of the pair included. */
    Duration onHost() {
        return Duration.ofNanos(hostNanos);
    }

    Duration inPod() {
        return Duration.ofNanos(podNanos);
    }

    /** True when a link now waits for the reaper. */
    boolean retired() {
        return retired;
    }

    private void add(DatapathOp op) {
        NetnsKernel kernel = at(op.place());
        switch (op) {
            case DatapathOp.MakeVeth make -> makeVeth(make);
            case DatapathOp.MoveIn(String name, LinkEntry wanted) -> moveIn(name, wanted);
            case DatapathOp.MoveHome(LinkEntry found, String name) ->
                waiting.add(LinkChange.of(kernel.index(found.name()))
                        .netns(hostNetns.number())
                        .name(name)
                        .request());
            case DatapathOp.MakeChild child -> makeChild(child);
            case DatapathOp.RetireLink(String name, String _) -> retire(name);
            case DatapathOp.DeletePodLink(String name) -> waiting.add(Links.delete(kernel.index(name)));
            case DatapathOp.ChangeLink(Place _, LinkEntry found, LinkEntry wanted) ->
                waiting.add(kernel.change(found, wanted));
            case DatapathOp.SetSysctl(Place _, String key, String value) -> kernel.sysctl(key, value);
            case DatapathOp.AddAddress(Place _, var address) ->
                waiting.add(kernel.address(address).add());
            case DatapathOp.DeleteAddress(Place _, var address) ->
                waiting.add(kernel.address(address).delete());
            case DatapathOp.PutNeighbour(Place _, var neighbour) ->
                waiting.add(kernel.neighbour(neighbour).replace());
            case DatapathOp.DeleteNeighbour(Place _, var neighbour) ->
                waiting.add(kernel.neighbour(neighbour).delete());
            case DatapathOp.PutRoute(Place _, var route) ->
                waiting.add(kernel.route(route).replace());
            case DatapathOp.DeleteRoute(Place _, var route) ->
                waiting.add(kernel.route(route).delete());
            case DatapathOp.AddRule(Place _, var rule) ->
                waiting.add(NetnsKernel.rule(rule).add());
            case DatapathOp.DeleteRule(Place _, var rule) ->
                waiting.add(NetnsKernel.rule(rule).delete());
            case DatapathOp.PutTag(var tag) -> tags.put(kernel.socket(), kernel.index(tag.trunkLink()), tag);
            case DatapathOp.DeleteTag(var tag) -> tags.delete(kernel.index(tag.trunkLink()), tag.from());
            case DatapathOp.PutTable(Place _, var table) -> {
                sendWaiting();
                kernel.put(table);
            }
        }
    }

    /** Needs its answer at once: everything after it names the two links by their new indexes. */
    private void makeVeth(DatapathOp.MakeVeth make) {
        sendWaiting();
        LinkEnd own = LinkEnd.named(make.host().name())
                .mac(make.host().mac())
                .mtu(make.host().mtu());
        LinkEnd peer = LinkEnd.named(make.pod().name())
                .mac(make.pod().mac())
                .mtu(make.pod().mtu())
                .in(podNetns.orElseThrow().number());
        Link made = host.socket().create(Links.veth(own, peer));
        host.remember(made);
        at(Place.POD).link(make.pod().name());
    }

    /** The move takes the link down, and with it whatever addresses and routes it had. */
    private void moveIn(String name, LinkEntry wanted) {
        sendWaiting();
        host.socket()
                .execute(LinkChange.of(host.index(name))
                        .netns(podNetns.orElseThrow().number())
                        .name(wanted.name())
                        .request());
        at(Place.POD).link(wanted.name());
    }

    /**
     * The kernel refuses a name that a link of the socket's namespace has, though the child is made in another one, and the
     * node's own link is mostly called as the pod's. So it is born under a name of ours, and gets its own in the pod.
     */
    private void makeChild(DatapathOp.MakeChild child) {
        sendWaiting();
        NetnsKernel inside = at(Place.POD);
        inside.link(Conventions.NEWBORN)
                .ifPresent(left -> inside.socket().execute(Links.delete(inside.index(left.name()))));
        LinkEnd end =
                LinkEnd.named(Conventions.NEWBORN).in(podNetns.orElseThrow().number());
        int parent = host.index(child.parent());
        host.socket()
                .execute(
                        switch (child.slice()) {
                            case Wire.Slice.Vlan(int id) ->
                                Links.vlan(parent, id, end.mac(child.pod().mac()));
                            case Wire.Slice.Ipvlan() -> Links.ipvlan(parent, end);
                        });
        inside.link(Conventions.NEWBORN);
        inside.socket()
                .execute(LinkChange.of(inside.index(Conventions.NEWBORN))
                        .name(child.pod().name())
                        .request());
        inside.link(child.pod().name());
    }

    /** Older kernels rename only links that are down, so that is a message of its own. */
    private void retire(String name) {
        int index = host.index(name);
        waiting.add(LinkChange.of(index).down().request());
        waiting.add(LinkChange.of(index)
                .name(Conventions.retiredName(index))
                .group(Conventions.REAPER_GROUP)
                .request());
        retired = true;
    }

    private void flush() {
        long start = System.nanoTime();
        sendWaiting();
        count(start);
    }

    private void sendWaiting() {
        if (!waiting.isEmpty()) {
            at(side).socket().execute(waiting);
            waiting.clear();
        }
    }

    private void count(long start) {
        long nanos = System.nanoTime() - start;
        switch (side) {
            case HOST -> hostNanos += nanos;
            case POD -> podNanos += nanos;
        }
    }

    private NetnsKernel at(Place place) {
        return switch (place) {
            case HOST -> host;
            case POD -> pod.orElseThrow();
        };
    }
}
