#!/bin/bash
# A host that Tapline did not build: one instance behind Neutron's hybrid plug (ML2/OVS agent, iptables_hybrid driver), its router
# with a floating IP, its DHCP server, and an outside. Only ip, ovs-vsctl, ovs-ofctl, iptables-restore, ipset and dnsmasq lay it out.
#
#   bed.sh            builds it in network, mount and pid namespaces of its own, prints "ready", and stays until its stdin ends
#   nsenter -t PID -n -m -p COMMAND     runs COMMAND on that host (PID: the child of the started process); the outside is its namespace "out", the instance "vm"
#
# Needs root. When this script ends, its pid namespace ends, and everything in it.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

if [ "${BED:-}" != inside ]; then
  export BED=inside
  exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$(readlink -f "$0")"
fi

mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mkdir -p /run/netns /run/openvswitch /run/lock /run/neutron/dhcp
ip link set lo up

# ---------------------------------------------------------------- names: the first 11 characters of Neutron's port ids
PORT=6f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f P=6f1e2d3c-4b MAC=fa:16:3e:5a:00:05 FIXED=10.0.0.5
ROUTER=8d2f7a10-5c1e-4b7e-9a77-3f1c5e0b9d42 R=qrouter-$ROUTER
QR=qr-a1b2c3d4-01 OQR=oqr-a1b2c3d4-01 QG=qg-b2c3d4e5-02 OQG=oqg-b2c3d4e5-02
NETWORK=51c0ffee-1111-4222-8333-444455556666 D=qdhcp-$NETWORK DHCP=d4c5b6a7-03
GATEWAY=10.0.0.1 OUTER=203.0.113.10 FLOATING=203.0.113.20 FAR=203.0.113.1

# ---------------------------------------------------------------- Open vSwitch
export OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=/run/openvswitch
ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --no-chdir --log-file=/run/openvswitch/db.log -vconsole:off
ovs-vswitchd unix:/run/openvswitch/db.sock --disable-system --pidfile --detach --no-chdir --log-file=/run/openvswitch/vswitchd.log -vconsole:off
vs() { ovs-vsctl --timeout=10 "$@"; }
flows() { ovs-ofctl add-flows "$1" -; }

vs add-br br-int -- set Bridge br-int datapath_type=netdev fail_mode=secure other_config:disable-in-band=true
vs add-br br-eth1 -- set Bridge br-eth1 datapath_type=netdev fail_mode=secure
ip link set br-int up; ip link set br-eth1 up

# ---------------------------------------------------------------- the outside: 203.0.113.1 on the wire, 8.8.8.8 behind it
ip netns add out
ip link add eth1 type veth peer name ext0 netns out
ethtool -K eth1 tx off > /dev/null
ip -n out link set lo up; ip -n out link set ext0 up
ip -n out addr add $FAR/24 dev ext0; ip -n out addr add 8.8.8.8/32 dev lo
ip netns exec out ethtool -K ext0 tx off > /dev/null
ip link set eth1 up
vs add-port br-eth1 eth1
vs add-port br-int int-br-eth1 -- set Interface int-br-eth1 type=patch options:peer=phy-br-eth1
vs add-port br-eth1 phy-br-eth1 -- set Interface phy-br-eth1 type=patch options:peer=int-br-eth1

# ---------------------------------------------------------------- the instance and the hybrid plug (nova, os-vif)
ip netns add vm
ip link add tap$P type veth peer name eth0 address $MAC netns vm
ip -n vm link set lo up; ip -n vm link set eth0 up
ip -n vm addr add $FIXED/24 dev eth0; ip -n vm route add default via $GATEWAY
ip link add qbr$P type bridge forward_delay 0 stp_state 0 ageing_time 0 mcast_snooping 0
ip link add qvb$P type veth peer name qvo$P
for device in tap$P qvb$P qvo$P qbr$P; do sysctl -qw net.ipv6.conf.$device.disable_ipv6=1; done
ethtool -K qvb$P tx off > /dev/null; ethtool -K qvo$P tx off > /dev/null
ip link set tap$P master qbr$P; ip link set qvb$P master qbr$P
ip link set tap$P up; ip link set qvb$P up; ip link set qvo$P up; ip link set qbr$P up
vs add-port br-int qvo$P tag=1 -- set Port qvo$P other_config:tag=1 other_config:net_uuid=$NETWORK other_config:network_type=local \
   -- set Interface qvo$P external_ids:iface-id=$PORT external_ids:attached-mac=\"$MAC\" external_ids:iface-status=active external_ids:vm-uuid=0badcafe-0000-4000-8000-000000000001

# ---------------------------------------------------------------- the router (l3 agent)
leg() { # namespace, device, its port on br-int, MAC, local VLAN
  ip link add "$3" type veth peer name "$2" address "$4" netns "$1"
  ethtool -K "$3" tx off > /dev/null; ip netns exec "$1" ethtool -K "$2" tx off > /dev/null
  sysctl -qw net.ipv6.conf."$3".disable_ipv6=1
  vs --if-exists del-port br-int "$3" # what had this name is not the device that there is now
  case $5 in 1) segment="other_config:network_type=local";; *) segment="other_config:network_type=flat other_config:physical_network=physnet1";; esac
  # shellcheck disable=SC2086 # two words, or one
  vs add-port br-int "$3" tag="$5" -- set Port "$3" other_config:tag="$5" $segment -- set Interface "$3" external_ids:attached-mac=\""$4"\" external_ids:iface-status=active
  ip link set "$3" up; ip -n "$1" link set "$2" up
}
router() {
ip netns add $R
ip -n $R link set lo up
ip netns exec $R sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
leg $R $QR $OQR fa:16:3e:aa:00:01 1
leg $R $QG $OQG fa:16:3e:aa:00:02 2
ip -n $R addr add $GATEWAY/24 dev $QR
ip -n $R addr add $OUTER/24 dev $QG; ip -n $R addr add $FLOATING/32 dev $QG
ip -n $R route add default via $FAR dev $QG
ip netns exec $R iptables-restore <<N
*nat
:neutron-l3-agent-OUTPUT - [0:0]
:neutron-l3-agent-POSTROUTING - [0:0]
:neutron-l3-agent-PREROUTING - [0:0]
:neutron-l3-agent-float-snat - [0:0]
:neutron-l3-agent-snat - [0:0]
:neutron-postrouting-bottom - [0:0]
-A PREROUTING -j neutron-l3-agent-PREROUTING
-A OUTPUT -j neutron-l3-agent-OUTPUT
-A POSTROUTING -j neutron-l3-agent-POSTROUTING
-A POSTROUTING -j neutron-postrouting-bottom
-A neutron-l3-agent-OUTPUT -d $FLOATING/32 -j DNAT --to-destination $FIXED
-A neutron-l3-agent-POSTROUTING ! -o $QG -m conntrack ! --ctstate DNAT -j ACCEPT
-A neutron-l3-agent-PREROUTING -d $FLOATING/32 -j DNAT --to-destination $FIXED
-A neutron-l3-agent-float-snat -s $FIXED/32 -j SNAT --to-source $FLOATING
-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat
-A neutron-l3-agent-snat -o $QG -j SNAT --to-source $OUTER
-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat
COMMIT
*filter
:neutron-filter-top - [0:0]
:neutron-l3-agent-FORWARD - [0:0]
:neutron-l3-agent-INPUT - [0:0]
:neutron-l3-agent-local - [0:0]
:neutron-l3-agent-scope - [0:0]
-A INPUT -j neutron-l3-agent-INPUT
-A FORWARD -j neutron-filter-top
-A FORWARD -j neutron-l3-agent-FORWARD
-A neutron-filter-top -j neutron-l3-agent-local
-A neutron-l3-agent-FORWARD -j neutron-l3-agent-scope
COMMIT
N
}
router
{ declare -p R QR OQR QG OQG GATEWAY OUTER FLOATING FIXED FAR; declare -f vs leg router; echo router; } > /run/l3-agent.sh # what the agent does for a router that it is given anew

# ---------------------------------------------------------------- DHCP (dhcp agent)
ip netns add $D
ip -n $D link set lo up
leg $D ns-$DHCP tap$DHCP fa:16:3e:aa:00:03 1
ip -n $D addr add 10.0.0.2/24 dev ns-$DHCP
ip -n $D route add default via $GATEWAY
mkdir -p /run/neutron/dhcp/$NETWORK
echo "$MAC,host-10-0-0-5.openstacklocal,$FIXED" > /run/neutron/dhcp/$NETWORK/host
printf '%s\n' "tag:subnet,option:router,$GATEWAY" "tag:subnet,26,1500" > /run/neutron/dhcp/$NETWORK/opts
ip netns exec $D dnsmasq --no-hosts --no-resolv --pid-file=/run/neutron/dhcp/$NETWORK/pid --dhcp-hostsfile=/run/neutron/dhcp/$NETWORK/host \
  --dhcp-optsfile=/run/neutron/dhcp/$NETWORK/opts --dhcp-leasefile=/run/neutron/dhcp/$NETWORK/leases --dhcp-match=set:ipxe,175 \
  --interface=ns-$DHCP --bind-dynamic --except-interface=lo --dhcp-range=set:subnet,10.0.0.0,static,255.255.255.0,86400s \
  --dhcp-option-force=option:mtu,1500 --dhcp-lease-max=256 --conf-file=/dev/null --domain=openstacklocal --user=root --group=root

# ---------------------------------------------------------------- flows (ML2/OVS agent)
QVO_OF=$(vs get Interface qvo$P ofport) INT_OF=$(vs get Interface int-br-eth1 ofport) PHY_OF=$(vs get Interface phy-br-eth1 ofport)
C=cookie=0x6e657574726f6e21
flows br-int <<F
$C,table=0,priority=65535,dl_vlan=4095,actions=drop
$C,table=0,priority=10,icmp6,in_port=$QVO_OF,icmp_type=136,actions=resubmit(,24)
$C,table=0,priority=10,arp,in_port=$QVO_OF,actions=resubmit(,24)
$C,table=0,priority=9,in_port=$QVO_OF,actions=resubmit(,25)
$C,table=0,priority=3,in_port=$INT_OF,vlan_tci=0x0000/0x1fff,actions=mod_vlan_vid:2,resubmit(,60)
$C,table=0,priority=2,in_port=$INT_OF,actions=drop
$C,table=0,priority=0,actions=resubmit(,60)
$C,table=23,priority=0,actions=drop
$C,table=24,priority=2,arp,in_port=$QVO_OF,arp_spa=$FIXED,actions=resubmit(,25)
$C,table=24,priority=0,actions=drop
$C,table=25,priority=2,in_port=$QVO_OF,dl_src=$MAC,actions=resubmit(,60)
$C,table=25,priority=0,actions=drop
$C,table=60,priority=3,actions=NORMAL
F
flows br-eth1 <<F
$C,table=0,priority=4,in_port=$PHY_OF,dl_vlan=2,actions=strip_vlan,NORMAL
$C,table=0,priority=2,in_port=$PHY_OF,actions=drop
$C,table=0,priority=0,actions=NORMAL
F

# ---------------------------------------------------------------- security groups (iptables_hybrid)
sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
ipset create NIPv4a1a1a1a1-9e5b-4ad8-9e9f- hash:net family inet
ipset add NIPv4a1a1a1a1-9e5b-4ad8-9e9f- $FIXED
C=neutron-openvswi I=neutron-openvswi-i${P%?} O=neutron-openvswi-o${P%?} S=neutron-openvswi-s${P%?}
iptables-restore <<N
*raw
:$C-OUTPUT - [0:0]
:$C-PREROUTING - [0:0]
-A PREROUTING -j $C-PREROUTING
-A OUTPUT -j $C-OUTPUT
-A $C-PREROUTING -m physdev --physdev-in qvb$P -m comment --comment "Set zone for $P" -j CT --zone 4097
-A $C-PREROUTING -i qvb$P -m comment --comment "Set zone for $P" -j CT --zone 4097
-A $C-PREROUTING -m physdev --physdev-in tap$P -m comment --comment "Set zone for $P" -j CT --zone 4097
COMMIT
*filter
:$C-FORWARD - [0:0]
:$C-INPUT - [0:0]
:$C-OUTPUT - [0:0]
:$C-local - [0:0]
:$C-sg-chain - [0:0]
:$C-sg-fallback - [0:0]
:$I - [0:0]
:$O - [0:0]
:$S - [0:0]
:neutron-filter-top - [0:0]
-A INPUT -j $C-INPUT
-A FORWARD -j neutron-filter-top
-A FORWARD -j $C-FORWARD
-A OUTPUT -j neutron-filter-top
-A OUTPUT -j $C-OUTPUT
-A neutron-filter-top -j $C-local
-A $C-FORWARD -m physdev --physdev-out tap$P --physdev-is-bridged -m comment --comment "Direct traffic from the VM interface to the security group chain." -j $C-sg-chain
-A $C-FORWARD -m physdev --physdev-in tap$P --physdev-is-bridged -m comment --comment "Direct traffic from the VM interface to the security group chain." -j $C-sg-chain
-A $C-INPUT -m physdev --physdev-in tap$P --physdev-is-bridged -m comment --comment "Direct incoming traffic from VM to the security group chain." -j $O
-A $C-sg-chain -m physdev --physdev-out tap$P --physdev-is-bridged -m comment --comment "Jump to the VM specific chain." -j $I
-A $C-sg-chain -m physdev --physdev-in tap$P --physdev-is-bridged -m comment --comment "Jump to the VM specific chain." -j $O
-A $C-sg-chain -j ACCEPT
-A $C-sg-fallback -m comment --comment "Default drop rule for unmatched traffic." -j DROP
-A $I -m state --state RELATED,ESTABLISHED -m comment --comment "Direct packets associated with a known session to the RETURN chain." -j RETURN
-A $I -d $FIXED/32 -p udp -m udp --sport 67 --dport 68 -j RETURN
-A $I -d 255.255.255.255/32 -p udp -m udp --sport 67 --dport 68 -j RETURN
-A $I -p icmp -j RETURN
-A $I -p tcp -m tcp --dport 22 -j RETURN
-A $I -m set --match-set NIPv4a1a1a1a1-9e5b-4ad8-9e9f- src -j RETURN
-A $I -m state --state INVALID -m comment --comment "Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack." -j DROP
-A $I -m comment --comment "Send unmatched traffic to the fallback chain." -j $C-sg-fallback
-A $O -s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN
-A $O -m comment --comment "Defence against IP spoofing." -j $S
-A $O -p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN
-A $O -p udp -m udp --sport 67 --dport 68 -m comment --comment "Prevent DHCP Spoofing by VM." -j DROP
-A $O -m state --state RELATED,ESTABLISHED -m comment --comment "Direct packets associated with a known session to the RETURN chain." -j RETURN
-A $O -j RETURN
-A $O -m state --state INVALID -m comment --comment "Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack." -j DROP
-A $O -m comment --comment "Send unmatched traffic to the fallback chain." -j $C-sg-fallback
-A $S -s $FIXED/32 -m mac --mac-source $MAC -m comment --comment "Allow traffic from defined IP/MAC pairs." -j RETURN
-A $S -m comment --comment "Drop traffic without an IP/MAC allow rule." -j DROP
COMMIT
N

# ---------------------------------------------------------------- the names, for whoever asks this host something
cat > /run/bed.env <<N
P=$P PORT=$PORT TAP=tap$P QBR=qbr$P QVB=qvb$P QVO=qvo$P MAC=$MAC FIXED=$FIXED
R=$R QR=$QR QG=$QG OQR=$OQR OQG=$OQG D=$D DHCP_LEG=ns-$DHCP DHCP_PORT=tap$DHCP NETWORK=$NETWORK
GATEWAY=$GATEWAY OUTER=$OUTER FLOATING=$FLOATING FAR=$FAR NIC=eth1 PROVIDER=br-eth1
I=$I O=$O S=$S FALLBACK=$C-sg-fallback
INT_OF=$INT_OF PHY_OF=$PHY_OF QVO_OF=$QVO_OF
N
echo ready
cat > /dev/null
