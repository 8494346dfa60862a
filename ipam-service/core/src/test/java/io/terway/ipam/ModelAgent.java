package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A model of a node's agent: a ledger that commits, and refuses what breaks its rules. */
final class ModelAgent {

    final NodeName name;
    final InstanceId instance;
    final String ledgerId;
    final Map<Ip, Ledger.Numbered> offered = new TreeMap<>();
    final Map<Ip, Ledger.Numbered> withdrawn = new TreeMap<>();
    final Map<Ip, Instant> cooling = new HashMap<>();
    final Map<Ip, Holder> lastHolder = new HashMap<>();
    /** Addresses whose last holder had them as fixed ones. */
    final Set<Ip> fixed = new HashSet<>();

    final Map<SandboxKey, Binding> bound = new LinkedHashMap<>();
    final List<LedgerEvent> unreported = new ArrayList<>();
    long sequence;
    ZoneId zone = new ZoneId("cn-hangzhou-h");
    SessionId session;
    int sessions;

    ModelAgent(String name) {
        this.name = new NodeName(name);
        instance = new InstanceId("i-" + name);
        ledgerId = "ledger-" + name;
    }

    Hello hello() {
        session = new SessionId(name + "-" + ++sessions);
        unreported.clear();
        return new Hello(
                new NodeIdentity(name, "uid-" + name, instance, ledgerId),
                "boot",
                0,
                sequence,
                zone,
                new InstanceType("ecs.g7.xlarge"));
    }

    Ledger ledger(Instant now) {
        List<Ledger.Cooling> cools = new ArrayList<>();
        cooling.forEach((ip, until) -> {
            if (until.isAfter(now)) {
                cools.add(new Ledger.Cooling(ip, lastHolder.get(ip), Duration.between(now, until)));
            }
        });
        return new Ledger(
                List.copyOf(bound.values()), List.copyOf(offered.values()), List.copyOf(withdrawn.values()), cools);
    }

    /** Takes an offer in; an address with a lower number than known is ignored. */
    void take(Word.Offer offer) {
        for (EniIp address : offer.addresses()) {
            Ledger.Numbered known = offered.getOrDefault(
                    address.ip(), withdrawn.getOrDefault(address.ip(), new Ledger.Numbered(address, 0)));
            if (offer.number() > known.number()) {
                offered.put(address.ip(), new Ledger.Numbered(address, offer.number()));
                withdrawn.remove(address.ip());
            }
        }
    }

    IpamEvent.WithdrawAcked take(Word.Withdraw withdraw, Instant now) {
        List<Ip> gone = new ArrayList<>();
        List<Ip> kept = new ArrayList<>();
        Set<Ip> held = held();
        for (Ip ip : withdraw.addresses()) {
            if (held.contains(ip) || cools(ip, now) && !fixed.contains(ip)) {
                kept.add(ip);
            } else {
                gone.add(ip);
                Ledger.Numbered before = offered.remove(ip);
                if (before != null) {
                    withdrawn.put(ip, new Ledger.Numbered(before.address(), withdraw.number()));
                }
            }
        }
        return new IpamEvent.WithdrawAcked(session, withdraw.number(), gone, kept);
    }

    Set<Ip> held() {
        Set<Ip> held = new HashSet<>();
        bound.values().forEach(binding -> binding.addresses().forEach(address -> held.add(address.ip())));
        return held;
    }

    boolean cools(Ip ip, Instant now) {
        return cooling.getOrDefault(ip, Instant.MIN).isAfter(now);
    }

    boolean mayCommit(EniIp address, Instant now) {
        return offered.containsKey(address.ip()) && !held().contains(address.ip()) && !cools(address.ip(), now);
    }

    void commit(SandboxKey sandbox, List<EniIp> addresses) {
        commit(sandbox, addresses, Attachment.SHARED);
    }

    void commit(SandboxKey sandbox, List<EniIp> addresses, Attachment attachment) {
        commit(sandbox, holder(sandbox), new AllocateOutcome.Proposed(addresses, false, attachment));
    }

    void commit(SandboxKey sandbox, Holder holder, AllocateOutcome.Proposed proposed) {
        Binding binding =
                new Binding(sandbox, holder, proposed.addresses(), proposed.fixed(), ++sequence, proposed.attachment());
        bound.put(sandbox, binding);
        unreported.add(new LedgerEvent.Bound(binding));
    }

    void release(SandboxKey sandbox, Instant now, Duration coolDown) {
        Binding binding = bound.remove(sandbox);
        List<Ip> ips = binding.addresses().stream().map(EniIp::ip).toList();
        for (Ip ip : ips) {
            cooling.put(ip, now.plus(coolDown));
            lastHolder.put(ip, binding.holder());
            if (binding.fixed()) {
                fixed.add(ip);
            } else {
                fixed.remove(ip);
            }
        }
        unreported.add(new LedgerEvent.Released(++sequence, sandbox, binding.holder(), ips, coolDown));
    }

    IpamEvent.Allocate ask(long ticket, SandboxKey sandbox, Instant deadline, Set<Ip> refused) {
        return ask(ticket, sandbox, deadline, refused, Set.of(Family.IPV4), Map.of());
    }

    IpamEvent.Allocate ask(
            long ticket,
            SandboxKey sandbox,
            Instant deadline,
            Set<Ip> refused,
            Set<Family> families,
            Map<String, String> annotations) {
        return new IpamEvent.Allocate(
                ticket,
                new RequestId("r-" + sandbox.containerId()),
                session,
                name,
                sandbox,
                holder(sandbox),
                families,
                deadline,
                refused,
                annotations);
    }

    IpamEvent.Report report() {
        var report = new IpamEvent.Report(0, session, unreported);
        unreported.clear();
        return report;
    }

    static SandboxKey sandbox(int number) {
        return new SandboxKey("terway", "c" + number, "eth0");
    }

    static Holder holder(SandboxKey sandbox) {
        return new Holder(new PodRef("ns", "pod-" + sandbox.containerId()), "uid-" + sandbox.containerId());
    }
}
