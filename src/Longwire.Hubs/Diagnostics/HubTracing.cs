using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>
/// The hub's spans: a client's request, the publication or the passing message that comes of it, and its delivery to the members on each
/// event loop, each below the one before. There are none, and nothing is allocated, unless somebody listens to the source.
/// </summary>
internal static class HubTracing
{
    public const string SourceName = "Longwire.Hubs";

    /// <summary>Where a message goes that is for one session alone.</summary>
    public const string OneSession = "$session";

    /// <summary>As W3C Trace Context has it: version, trace, span, flags.</summary>
    public const int TraceParentLength = 55;

    private static readonly ActivitySource _source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => _source.HasListeners();

    /// <summary>
    /// Begins the span of a client's request. It is a child of the client's own span, if the client named that; else it is the first of
    /// its trace, since the span of a connection lasts for hours, and only a link leads there.
    /// </summary>
    /// <param name="clientId">The id of the client's session.</param>
    /// <param name="transport">The way in that the client took.</param>
    /// <param name="type">The request's type: one of few, not any that a client makes up.</param>
    /// <param name="traceParent">The client's own span.</param>
    public static Activity? BeginRequest(string clientId, string? transport, string type, string? traceParent)
    {
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext parent);
        Activity? outer = Activity.Current;
        // Without a parent given, the current span would be it.
        Activity.Current = null;
        Activity? span = _source.StartActivity(
            "receive " + type,
            ActivityKind.Server,
            parent,
            links: outer is null ? null : [new ActivityLink(outer.Context)]
        );
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "longwire");
            span.SetTag("longwire.hub.client.id", clientId);
            span.SetTag("longwire.hub.transport", transport);
        }

        return span;
    }

    /// <summary>Begins the span of a publication, below whatever the caller is in.</summary>
    public static Activity? BeginPublication(string room, RoomOptions options)
    {
        if (!IsOn)
        {
            return null;
        }

        string kind = KindOf(room, options);
        return Describe(_source.StartActivity("publish " + kind, ActivityKind.Producer), "publish", room, kind);
    }

    /// <summary>Begins the span of a message that is not kept, below whatever the caller is in.</summary>
    /// <param name="room">The room that it is for, or <see cref="OneSession"/>.</param>
    /// <param name="options">The room's options.</param>
    public static Activity? BeginSending(string room, RoomOptions options)
    {
        if (!IsOn)
        {
            return null;
        }

        string kind = KindOf(room, options);
        return Describe(_source.StartActivity("send " + kind, ActivityKind.Producer), "send", room, kind);
    }

    /// <summary>
    /// Begins the span of a delivery below that of what is delivered. It is never the current one: members are told in slices,
    /// by any thread.
    /// </summary>
    public static Activity? BeginDelivery(string room, RoomOptions options, string traceParent)
    {
        if (!IsOn || !ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext parent))
        {
            return null;
        }

        string kind = KindOf(room, options);
        Activity? outer = Activity.Current;
        Activity? span = Describe(_source.StartActivity("deliver " + kind, ActivityKind.Consumer, parent), "deliver", room, kind);
        Activity.Current = outer;
        return span;
    }

    /// <summary>Ends the span of a delivery.</summary>
    public static void EndDelivery(Activity span, int members)
    {
        span.SetTag("longwire.hub.delivered", members);
        End(span);
    }

    /// <summary>Ends a span, and leaves the current one as it is.</summary>
    public static void End(Activity span)
    {
        Activity? current = Activity.Current;
        span.Stop();
        Activity.Current = current == span ? null : current;
    }

    /// <summary>Notes what went wrong.</summary>
    public static void Fail(Activity? span, string error)
    {
        span?.SetTag("error.type", error);
        span?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Notes that the request that this thread is in was refused.</summary>
    public static void Refused(HubError error)
    {
        if (IsOn && Activity.Current is { } span && span.Source == _source)
        {
            Fail(span, error.Code);
        }
    }

    /// <summary>The rooms' template, so that there are no more names of spans than kinds of rooms.</summary>
    private static string KindOf(string room, RoomOptions options) =>
        room is RoomNames.All or OneSession ? room
        : RoomNames.TryGetUser(room, out _) ? "$user"
        : options.Endpoint?.Pattern ?? "room";

    private static Activity? Describe(Activity? span, string operation, string room, string kind)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "longwire");
            span.SetTag("messaging.operation.name", operation);
            span.SetTag("messaging.operation.type", operation == "deliver" ? "process" : "send");
            span.SetTag("messaging.destination.name", room);
            span.SetTag("messaging.destination.template", kind);
        }

        return span;
    }
}
