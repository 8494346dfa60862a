package io.terway.sim;

import io.terway.ipam.NodeIdentity;
import io.terway.ipam.PoolCommand;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.commit.LedgerBook;
import io.terway.node.commit.Tombstones;
import io.terway.node.commit.Withdrawal;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.NodeConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rules with one of them broken each, by the number of the rule and what is done instead. */
final class Mutants {

    private Mutants() {}

    static Map<String, Rules> all() {
        Map<String, Rules> all = new TreeMap<>();
        all.put("1 and 6: fdatasync does nothing", new Rules() {
            @Override
            boolean syncWorks() {
                return false;
            }
        });
        all.put("1: a withdrawal is acknowledged and not recorded", new Rules() {
            @Override
            Withdrawal withdraw(LedgerBook book, long number, List<Ip> addresses, List<EniId> enis, BootTime now) {
                return Withdrawal.decide(book.state(), number, addresses, enis, now);
            }
        });
        all.put("3: former leaders go on, at agents and at eni-manager", new Rules() {
            @Override
            boolean accepts(LedgerBook book, long term) {
                return true;
            }

            @Override
            boolean obeys(long term, long highest) {
                return true;
            }
        });
        all.put("4: the agent runs no cool-down", new Rules() {
            @Override
            NodeConfig config(NodeConfig config) {
                return new NodeConfig(
                        config.revision(),
                        config.mode(),
                        config.virtualType(),
                        config.families(),
                        config.serviceCidrs(),
                        config.hostStackCidrs(),
                        config.mtu(),
                        Duration.ZERO,
                        config.localAllocation());
            }
        });
        all.put("4: another boot is taken for the same", new Rules() {
            @Override
            BootTime clock(BootTime now) {
                return new BootTime("boot", now.sinceBoot());
            }
        });
        all.put("5 and 11: a cloned ledger is believed, and ENIs that are not there are used", new Rules() {
            @Override
            boolean usesWhatIsThere() {
                return false;
            }

            @Override
            NodeIdentity identity(NodeIdentity identity) {
                return new NodeIdentity(
                        identity.node(),
                        identity.uid(),
                        identity.instance(),
                        "of-" + identity.node() + identity.instance());
            }
        });
        all.put("6: a sandbox is connected before its bind is written", new Rules() {
            @Override
            boolean bindsFirst() {
                return false;
            }
        });
        all.put("6: a release is written before traffic is cut", new Rules() {
            @Override
            boolean cutsFirst() {
                return false;
            }
        });
        all.put("7: an ADD outlives its DEL", new Rules() {
            @Override
            boolean refuses(Tombstones tombstones, SandboxKey key, Duration started) {
                return false;
            }
        });
        all.put("8: a late DEL ends the sandbox's next life", new Rules() {
            @Override
            boolean isOfLaterLife(Binding held, Duration del, BootTime now) {
                return false;
            }
        });
        all.put("9: an address is taken off before its node let go", new Rules() {
            @Override
            boolean silenceIsNoConsent() {
                return false;
            }
        });
        all.put("11: a leader that has not seen the instance is believed", new Rules() {
            @Override
            boolean believesLeaders() {
                return true;
            }
        });
        all.put("12: a repeated operation has a new id", new Rules() {
            @Override
            String operationId(long term, PoolCommand command, int attempt) {
                return super.operationId(term, command, attempt) + "-" + attempt;
            }
        });
        all.put("15: a DEL that reaches no agent is lost", new Rules() {
            @Override
            boolean spools() {
                return false;
            }
        });
        return all;
    }
}
