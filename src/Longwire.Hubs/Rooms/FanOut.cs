using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// Tells the members of a room what happens in it, in its order and off the publisher's call: a lane for each event loop that has members.
/// A room that is small enough is worked through by whoever publishes, once the engine's call is over: that costs less than waking
/// another. It is the room's lock too, so that a room at rest is a few small objects.
/// </summary>
internal sealed class FanOut(NodeContext node, SlowConsumerPolicy slowConsumer)
{
    /// <summary>Up to how many members are told by the publisher's thread.</summary>
    public const int InlineMembers = 64;

    /// <summary>From how many publications on that wait for a lane the publishers of this node wait too.</summary>
    private const int CrowdedAt = 1_024;

    private Lane? _lanes;
    private TaskCompletionSource? _roomy;

    public SlowConsumerPolicy SlowConsumer { get; } = slowConsumer;

    /// <summary>How many events are kept for a receiver while its history is read.</summary>
    public int MaxHeld => node.Settings.MaxHistoryMessages;

    /// <summary>How many members it tells. Called under the room's lock, as is all else but for running it.</summary>
    public int Receivers
    {
        get
        {
            int count = 0;
            for (Lane? lane = _lanes; lane is not null; lane = lane.Next)
            {
                count += lane.Expected;
            }

            return count;
        }
    }

    /// <summary>How much waits in the longest lane.</summary>
    public int Waiting
    {
        get
        {
            int most = 0;
            for (Lane? lane = _lanes; lane is not null; lane = lane.Next)
            {
                most = Math.Max(most, lane.Waiting);
            }

            return most;
        }
    }

    /// <summary>Completes when publishers need not wait any more; completed when they need not wait at all.</summary>
    public Task Roomy => _roomy?.Task ?? Task.CompletedTask;

    /// <summary>Queues an event for all members.</summary>
    public void Tell(RoomEvent told, string? exceptClientId = null)
    {
        TimeSpan now = told is PublicationEvent && node.Metrics.TimesDeliveries ? node.Clock.Now : MonotonicClock.Never;
        for (Lane? lane = _lanes; lane is not null; lane = lane.Next)
        {
            if (lane.Expected > 0)
            {
                lane.Add(
                    new LaneItem(LaneItemKind.Tell)
                    {
                        Event = told,
                        ExceptClientId = exceptClientId,
                        HeardAt = now,
                    }
                );
                if (lane.Waiting >= CrowdedAt)
                {
                    _roomy ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    /// <summary>Queues something that concerns one receiver.</summary>
    public void Add(LaneItem item) => LaneOf(item.Receiver!.Loop).Add(item);

    public void OnQueueShorter()
    {
        if (_roomy is not null && Waiting <= CrowdedAt / 2)
        {
            _roomy.SetResult();
            _roomy = null;
        }
    }

    /// <summary>A lane is about to tell its members.</summary>
    public void OnTelling(LaneItem item)
    {
        if (item.Event is { TraceParent: { } traceParent } told)
        {
            item.Span = HubTracing.BeginDelivery(told.Room, node.OptionsOf(told.Room), traceParent);
        }
    }

    /// <summary>A lane is done with an item.</summary>
    public void OnTold(LaneItem? item, int count)
    {
        if (count > 0)
        {
            node.Metrics.MessagesSent(count);
        }

        if (item is null)
        {
            return;
        }

        if (item.HeardAt != MonotonicClock.Never)
        {
            node.Metrics.Delivered(node.Clock.Now - item.HeardAt);
        }

        if (item.Span is { } span)
        {
            HubTracing.EndDelivery(span, count);
        }
    }

    /// <summary>
    /// Works through the lanes, or has it done. Called without a lock. A thread that is telling members already leaves it to another, so
    /// that what their connections do meanwhile can't pile up on its stack.
    /// </summary>
    public void Run(bool mayDeliver = true)
    {
        bool isInline;
        Lane? first = null;
        List<Lane>? others = null;
        lock (this)
        {
            isInline = mayDeliver && !FanOutScope.IsDelivering && Receivers <= InlineMembers;
            for (Lane? lane = _lanes; lane is not null; lane = lane.Next)
            {
                if (!lane.TryBegin())
                {
                    continue;
                }

                if (first is null)
                {
                    first = lane;
                }
                else
                {
                    (others ??= []).Add(lane);
                }
            }
        }

        if (first is not null)
        {
            Run(first, isInline);
        }

        foreach (Lane lane in others ?? [])
        {
            Run(lane, isInline);
        }
    }

    private static void Run(Lane lane, bool isInline)
    {
        if (isInline)
        {
            lane.Run();
        }
        else
        {
            lane.Schedule();
        }
    }

    private Lane LaneOf(PipeScheduler? loop)
    {
        for (Lane? lane = _lanes; lane is not null; lane = lane.Next)
        {
            if (lane.Loop == loop)
            {
                return lane;
            }
        }

        return _lanes = new Lane(this, loop) { Next = _lanes };
    }
}
