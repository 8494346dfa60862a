package io.terway.node.datapath;

/** One change of the kernel. Its text says what differs, for CHECK and for logs. */
public sealed interface DatapathOp {

    /** Where it is to be done. */
    Place place();

    /** The wanted host link is missing: make the pair, both ends down. */
    record MakeVeth(LinkEntry host, LinkEntry pod) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return "link " + host.name() + " to the pod's " + pod.name() + " is missing";
        }
    }

    /** A link of the host's is wanted in the pod: it moves, gets its name there and is down. */
    record MoveIn(String hostLink, LinkEntry pod) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return "link " + hostLink + " is not in the pod as " + pod.name();
        }
    }

    /** An ENI that a pod had comes home: down, under a name of its own. */
    record MoveHome(LinkEntry pod, String homeName) implements DatapathOp {
        @Override
        public Place place() {
            return Place.POD;
        }

        @Override
        public String toString() {
            return "link " + pod.name() + " with " + pod.mac() + " is still in the pod";
        }
    }

    /** The pod's link, a part of a host link, is missing: make it, down. */
    record MakeChild(String parent, Wire.Slice slice, LinkEntry pod) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return "pod link " + pod.name() + " off " + parent + " is missing";
        }
    }

    /** A host link is done with: down, renamed away and left to the reaper. Identified by the alias it was found with. */
    record RetireLink(String name, String alias) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return "link " + name + " belongs to '" + alias + "' or has lost its pod";
        }
    }

    /** The pod's end is left over from a pair that is gone: delete it. */
    record DeletePodLink(String name) implements DatapathOp {
        @Override
        public Place place() {
            return Place.POD;
        }

        @Override
        public String toString() {
            return "pod link " + name + " has lost its host end";
        }
    }

    /** MAC, MTU, alias or state differ. */
    record ChangeLink(Place place, LinkEntry found, LinkEntry wanted) implements DatapathOp {
        @Override
        public String toString() {
            return place + " link " + wanted.name() + " is " + text(found) + ", not " + text(wanted);
        }

        private static String text(LinkEntry link) {
            return link.mac() + " mtu " + link.mtu() + (link.up() ? " up" : " down") + " '" + link.alias() + "'";
        }
    }

    record SetSysctl(Place place, String key, String value) implements DatapathOp {
        @Override
        public String toString() {
            return place + " sysctl " + key + " is not " + value;
        }
    }

    record AddAddress(Place place, AddressEntry address) implements DatapathOp {
        @Override
        public String toString() {
            return place + " address " + address + " is missing";
        }
    }

    record DeleteAddress(Place place, AddressEntry address) implements DatapathOp {
        @Override
        public String toString() {
            return place + " address " + address + " is left over";
        }
    }

    record PutNeighbour(Place place, NeighbourEntry neighbour) implements DatapathOp {
        @Override
        public String toString() {
            return place + " neighbour " + neighbour + " is missing";
        }
    }

    record DeleteNeighbour(Place place, NeighbourEntry neighbour) implements DatapathOp {
        @Override
        public String toString() {
            return place + " neighbour " + neighbour + " is left over";
        }
    }

    record PutRoute(Place place, RouteEntry route) implements DatapathOp {
        @Override
        public String toString() {
            return place + " route " + route + " is missing";
        }
    }

    record DeleteRoute(Place place, RouteEntry route) implements DatapathOp {
        @Override
        public String toString() {
            return place + " route " + route + " is left over";
        }
    }

    record AddRule(Place place, RuleEntry rule) implements DatapathOp {
        @Override
        public String toString() {
            return place + " rule " + rule + " is missing";
        }
    }

    record DeleteRule(Place place, RuleEntry rule) implements DatapathOp {
        @Override
        public String toString() {
            return place + " rule " + rule + " is left over";
        }
    }

    record PutTag(TagEntry tag) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return tag + " is missing";
        }
    }

    record DeleteTag(TagEntry tag) implements DatapathOp {
        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public String toString() {
            return tag + " is left over";
        }
    }

    /** The table is missing or differs: replace it in one transaction. */
    record PutTable(Place place, NftTable table) implements DatapathOp {
        @Override
        public String toString() {
            return place + " nft table " + table.name() + " is missing or differs";
        }
    }
}
