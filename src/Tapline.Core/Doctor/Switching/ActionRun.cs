using System.Diagnostics;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Does the actions of flows to a frame.</summary>
internal sealed class ActionRun(SwitchWalk walk, Pipeline at)
{
    private static readonly UInt128 Tracked = 0x20;

    internal void Do(IReadOnlyList<FlowAction> actions)
    {
        foreach (var action in actions)
        {
            if (at.Ended || at.GivenUp)
            {
                return;
            }

            One(action);
        }
    }

    private void One(FlowAction action)
    {
        switch (action)
        {
            case FlowAction.Output { Truncates: true } cut when at.Bridge.Find(cut.Port) is { IsPatch: true } patch:
                walk.Note(at, $"{cut.Text}: what is cut short does not go through the patch port {patch.Name}: dropped");
                break;
            case FlowAction.Output output:
                To(output.Port);
                break;
            case FlowAction.OutputField field:
                ToField(field);
                break;
            case FlowAction.InPort:
                SendTo(at.Frame.InPort);
                break;
            case FlowAction.Normal:
                Normal();
                break;
            case FlowAction.Flood flood:
                Flood(flood.All);
                break;
            case FlowAction.PushVlan when at.Frame is { CameDouble: true, Tags.Count: >= Frame.MostTags }:
                walk.Unclear($"a third tag: {action.Text}");
                break;
            case FlowAction.PushVlan:
                at.Frame = at.Frame.Pushed(new VlanTag(0, 0));
                break;
            case FlowAction.PopVlan:
                at.Frame = at.Frame.Popped();
                break;
            case FlowAction.SetVlan vlan when !at.Frame.Tags.IsEmpty || vlan.Pushes:
                var tag = at.Frame.Tags is [var outer, ..] ? outer : default;
                at.Frame = at.Frame.WithOuter(new VlanTag(vlan.Vid ?? tag.Vid, vlan.Priority ?? tag.Priority));
                break;
            case FlowAction.Assign assign:
                Set(action, FlowFields.Canonical(assign.Field), FieldBits.Of(assign.Value), assign.Mask);
                break;
            case FlowAction.Move move:
                Move(move);
                break;
            case FlowAction.Resubmit resubmit:
                walk.Lookup(at, resubmit.Table ?? at.Table, resubmit.Port is { } port ? at.Bridge.NameOf(port) : at.Frame.InPort);
                break;
            case FlowAction.Goto next:
                walk.Lookup(at, next.Table, at.Frame.InPort);
                break;
            case FlowAction.Write write:
                at.Written.AddRange(write.Actions);
                break;
            case FlowAction.ClearWritten:
                at.Written.Clear();
                break;
            case FlowAction.Group group:
                Group(group.Id);
                break;
            case FlowAction.Copy clone:
                Clone(clone.Actions);
                break;
            case FlowAction.DecrementTtl when at.Frame.Packet.IsIp:
                DecrementTtl();
                break;
            case FlowAction.Track track:
                Track(track);
                break;
            case FlowAction.Exit:
                at.Ended = true;
                break;
            case FlowAction.Opaque when at.Bridge.Find(action.Text) is not null:
                To(action.Text);
                break;
            case FlowAction.Opaque:
                walk.Unclear($"{at.Bridge.Name}: the action {action.Text} is not understood");
                break;
            case FlowAction.Passive or FlowAction.Drop or FlowAction.SetVlan or FlowAction.DecrementTtl:
                break;
            default:
                throw new UnreachableException($"{action}");
        }
    }

    private void To(string port)
    {
        if (at.Bridge.NameOf(port) == at.Frame.InPort)
        {
            walk.Note(at, $"port {at.Frame.InPort} is where the frame came from: not sent back there");
            return;
        }

        SendTo(port);
    }

    private void SendTo(string reference)
    {
        if (at.Bridge.Find(reference) is { } port)
        {
            walk.Send(at, port, at.Frame, flooded: false);
        }
        else
        {
            walk.Note(at, $"port {reference} does not exist: dropped");
        }
    }

    private void ToField(FlowAction.OutputField output)
    {
        var bits = FlowFields.Read(at.Frame, FlowFields.Canonical(output.From.Field)).Bits ?? FieldBits.Unknown;
        var mask = FieldBits.Mask(output.From.Width ?? 128);
        var number = bits.Shift(-output.From.Low);
        if ((number.Known & 0xffff & mask) != (0xffff & mask))
        {
            walk.Unclear($"{at.Bridge.Name}: the port of {output.Text} is not known");
            return;
        }

        To((number.Value & mask).ToString());
    }

    private void Normal()
    {
        var decision = NormalForwarding.Decide(at.Bridge, at.Frame);
        walk.Note(at, $"NORMAL: {decision.Words}");
        if (decision.Unknown is { } unknown)
        {
            walk.Unclear($"{at.Bridge.Name}: {unknown}");
        }

        foreach (var (port, frame) in decision.Outputs)
        {
            walk.Send(at, port, frame, decision.Flooded);
        }
    }

    private void Flood(bool all)
    {
        foreach (var port in at.Bridge.Ports.Where(port => port.Exists && port.Name != at.Frame.InPort && (all || !port.IsSet("NO_FLOOD"))))
        {
            walk.Send(at, port, at.Frame, flooded: true);
        }
    }

    private void Set(FlowAction action, string field, FieldBits value, UInt128 mask)
    {
        if (field == "in_port")
        {
            at.Frame = at.Frame with { InPort = at.Bridge.NameOf((value.Value & 0xffff).ToString()) };
        }
        else if (FieldChange.Set(at.Frame, field, value, mask) is { } changed)
        {
            at.Frame = changed;
        }
        else
        {
            walk.Unclear($"{at.Bridge.Name}: the action {action.Text} is not understood");
        }
    }

    private void Move(FlowAction.Move move)
    {
        var (from, to) = (FlowFields.Canonical(move.From.Field), FlowFields.Canonical(move.To.Field));
        var width = move.From.Width ?? move.To.Width ?? Math.Max(FlowFields.Width(from), FlowFields.Width(to));
        if (from == "in_port" || to == "in_port")
        {
            walk.Unclear($"{at.Bridge.Name}: the action {move.Text} is not understood");
        }
        else if (FlowFields.Read(at.Frame, from).Bits is { } bits)
        {
            Set(move, to, bits.Shift(move.To.Low - move.From.Low), FieldBits.Mask(width) << move.To.Low);
        }
    }

    private void DecrementTtl()
    {
        if (at.Frame.Packet.TimeToLive <= 1)
        {
            walk.Note(at, "the time to live is up: to the controller alone");
            at.Ended = true;
            return;
        }

        at.Frame = at.Frame with { Packet = at.Frame.Packet with { TimeToLive = at.Frame.Packet.TimeToLive - 1 } };
    }

    private void Group(uint id)
    {
        if (at.Bridge.Group(id) is not { } group)
        {
            walk.Note(at, $"group {id} does not exist: dropped");
            return;
        }

        if (group.Buckets.IsEmpty)
        {
            walk.Note(at, $"group {id} has no buckets: dropped");
            return;
        }

        var buckets = group.Type switch
        {
            "all" => group.Buckets.Items,
            "indirect" => [group.Buckets[0]],
            "select" when group.Buckets.Count == 1 => [group.Buckets[0]],
            "ff" or "fast_failover" => FirstAlive(group),
            _ => [],
        };
        if (buckets.IsEmpty && group.Type is not ("ff" or "fast_failover"))
        {
            walk.Unclear($"{at.Bridge.Name}: which bucket group {id} ({group.Type}) takes is not known");
        }

        foreach (var bucket in buckets)
        {
            OnCopy(ActionSet.Ordered(bucket.Actions));
        }
    }

    private System.Collections.Immutable.ImmutableArray<GroupBucket> FirstAlive(FlowGroup group)
    {
        foreach (var bucket in group.Buckets)
        {
            var state = bucket.WatchPort is { } port ? at.Bridge.Find(port)?.Interface.LinkState : "";
            if (state is "" || bucket.WatchGroup is not null)
            {
                walk.Unclear($"{at.Bridge.Name}: whether a bucket of group {group.Id} is alive is not known");
            }

            if (state is "up" or "")
            {
                return [bucket];
            }
        }

        walk.Note(at, $"group {group.Id}: no port that its buckets watch is up: dropped");
        return [];
    }

    /// <summary>A clone ends as the frame itself does: with what is written so far (ofproto/ofproto-dpif-xlate.c, compose_clone).</summary>
    private void Clone(IReadOnlyList<FlowAction> actions)
    {
        var (before, written) = (at.Frame, at.Written.ToList());
        Do(actions);
        if (!at.Ended && !at.GivenUp)
        {
            Do(ActionSet.Ordered(at.Written));
        }

        at.Frame = before;
        at.Written.Clear();
        at.Written.AddRange(written);
    }

    private void OnCopy(IReadOnlyList<FlowAction> actions)
    {
        var before = at.Frame;
        Do(actions);
        at.Frame = before;
    }

    /// <summary>A copy goes on tracked, of which no more is known; the frame itself goes on untracked.</summary>
    private void Track(FlowAction.Track track)
    {
        if (track.Translates)
        {
            walk.Unclear($"{at.Bridge.Name}: whether {track.Text} changes addresses is not known");
        }

        var before = at.Frame;
        if (track.Table is { } table)
        {
            var notes = before.Notes.SetItem("ct_state", new FieldBits(Tracked, Tracked)).SetItem("ct_mark", FieldBits.Unknown)
                .SetItem("ct_label", FieldBits.Unknown).SetItem("ct_zone", track.Zone is { } zone ? FieldBits.Of((uint)zone) : FieldBits.Unknown);
            at.Frame = before with { Notes = notes };
            walk.Lookup(at, table, at.Frame.InPort);
        }

        at.Frame = before with { Notes = before.Notes.RemoveRange(["ct_state", "ct_mark", "ct_label", "ct_zone"]) };
    }
}
