using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Longwire.Hubs;

/// <summary>
/// Shows what one user or one room says and is told, one JSON object a line, as long as the administrator reads and no longer than
/// <see cref="HubAdminOptions.MaxTraceTime"/>.
/// </summary>
internal sealed class AdminTracing(Hub hub, AdminAudit audit)
{
    private static readonly TimeSpan _keepAliveInterval = TimeSpan.FromSeconds(15);
    private static readonly byte[] _lineEnd = "\n"u8.ToArray();

    public static readonly AdminRefusal Busy = new(
        "busy",
        "There are as many traces as there may be (Admin:MaxTraces), or there is one of that user or room."
    );

    /// <summary>Begins a trace. Null when there can't be one.</summary>
    public LiveTrace? Begin(AdminCaller caller, bool isRoom, string name, bool withContents)
    {
        var trace = new LiveTrace(isRoom, name, withContents, hub.Context.TimeProvider);
        if (!hub.Context.Traces.TryAdd(trace))
        {
            return null;
        }

        audit.Add(withContents ? AdminEvent.ContentsTraceBegan : AdminEvent.TraceBegan, caller, Describe(trace));
        Attach(trace, trace);
        return trace;
    }

    /// <summary>Writes a trace until it is over.</summary>
    public async Task WriteAsync(HttpContext context, AdminCaller caller, LiveTrace trace)
    {
        try
        {
            context.Response.ContentType = "application/x-ndjson; charset=utf-8";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            using var end = new CancellationTokenSource(hub.Context.Settings.Admin.MaxTraceTime, hub.Context.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, end.Token, hub.Context.Stopping);
            // So that the reader knows that it has begun.
            await context.Response.Body.WriteAsync(_lineEnd, either.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(either.Token).ConfigureAwait(false);
            await CopyAsync(context, trace, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The reader is gone, or the time is over.
        }
        finally
        {
            hub.Context.Traces.Remove(trace);
            Attach(trace, null);
            audit.Add(AdminEvent.TraceEnded, caller, Describe(trace));
        }
    }

    private async Task CopyAsync(HttpContext context, LiveTrace trace, CancellationToken cancellationToken)
    {
        Stream body = context.Response.Body;
        while (true)
        {
            try
            {
                await trace
                    .Entries.WaitToReadAsync(cancellationToken)
                    .AsTask()
                    .WaitAsync(_keepAliveInterval, hub.Context.TimeProvider, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await body.WriteAsync(_lineEnd, cancellationToken).ConfigureAwait(false);
            }

            if (trace.TakeDropped() is > 0 and var dropped)
            {
                await JsonSerializer
                    .SerializeAsync(body, new AdminDropped(dropped), AdminJson.Default.AdminDropped, cancellationToken)
                    .ConfigureAwait(false);
                await body.WriteAsync(_lineEnd, cancellationToken).ConfigureAwait(false);
            }

            while (trace.Entries.TryRead(out LiveTraceEntry? entry))
            {
                await JsonSerializer.SerializeAsync(body, entry, AdminJson.Default.LiveTraceEntry, cancellationToken).ConfigureAwait(false);
                await body.WriteAsync(_lineEnd, cancellationToken).ConfigureAwait(false);
            }

            await body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has those who are here now traced, or not any more. Newcomers find the trace by themselves.</summary>
    private void Attach(LiveTrace trace, LiveTrace? attached)
    {
        if (trace.IsRoom)
        {
            if (hub.Rooms.Find(trace.Name) is { } room)
            {
                room.Trace = attached;
            }

            return;
        }

        foreach (HubSession session in hub.Sessions.Accounts.SessionsOf(trace.Name))
        {
            session.Link?.Watch(attached);
        }
    }

    private static string Describe(LiveTrace trace) =>
        AdminAudit.Describe(trace.IsRoom ? "room" : "user", trace.Name, trace.HasContents ? "with contents" : null);
}
