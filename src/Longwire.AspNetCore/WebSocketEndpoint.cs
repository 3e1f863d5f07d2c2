using System.Diagnostics;
using System.Net;
using Longwire.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.AspNetCore;

/// <summary>One mapped endpoint: judges handshakes, upgrades, and serves the connections until they are over.</summary>
internal sealed partial class WebSocketEndpoint
{
    // A connection over the limits is in no account, so it must not stay.
    private static readonly TimeSpan _longestCloseWhenFull = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _longestBeginning = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestGoingOn = TimeSpan.FromSeconds(1);

    private readonly WebSocketHandlerSource _source;
    private readonly WebSocketEndpointOptions _options;
    private readonly WebSocketConnections _connections;
    private readonly ConnectionSlots _slots;
    private readonly string[] _subprotocols;
    private readonly string _pattern;
    private readonly HandshakeLog _log;
    private readonly ILogger _logger;

    public WebSocketEndpoint(
        WebSocketHandlerSource source,
        WebSocketEndpointOptions options,
        IServiceProvider services,
        EndpointMetadataCollection metadata,
        string pattern
    )
    {
        _source = source;
        _options = options;
        _connections = services.GetRequiredService<WebSocketConnections>();
        _log = services.GetRequiredService<HandshakeLog>();
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<WebSocketEndpoint>();
        _pages = new PageRule(options.Origins, services);
        _keepsRequest = KeepsRequest(source, options, services, metadata);
        _detachedHost = new DetachedHost(this, address: null, activity: null);
        _slots = new ConnectionSlots(options.MaxConnections, options.MaxConnectionsPerAddress);
        _subprotocols = [.. options.Subprotocols];
        _pattern = pattern;
    }

    public async Task InvokeAsync(HttpContext context)
    {
        HandshakeRefusal? refusal = Judge(context, out HandshakeAgreement agreement);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        IPAddress? address = context.Connection.RemoteIpAddress;
        bool full = !_slots.TryTake(address);
        if (full && _options.ConnectionLimitAnswer == ConnectionLimitAnswer.ServiceUnavailable)
        {
            await RefuseAsync(context, _full);
            return;
        }

        bool detached = false;
        try
        {
            object? state = full || _options.CreateUserState is null ? null : await _options.CreateUserState(context);
            if (context.Response.StatusCode != StatusCodes.Status200OK || context.Response.HasStarted)
            {
                CountRefused(context, context.Response.StatusCode, "The application refused it.");
                return;
            }

            Serving serving = default;
            if (!full && _source.Bind(context, out serving) is { } unbound)
            {
                await RefuseAsync(context, unbound);
                return;
            }

            if (full)
            {
                await CloseFullAsync(context, agreement);
            }
            else if (MayDetach(context, out IDetachFeature? detach))
            {
                // From here on its end gives the place back, also where the handshake can't be answered.
                detached = true;
                await ServeDetachedAsync(context, detach, agreement, serving, state, address);
            }
            else
            {
                await ServeAsync(context, agreement, serving, state);
            }
        }
        finally
        {
            if (!full && !detached)
            {
                _slots.Release(address);
            }
        }
    }

    private async Task ServeAsync(HttpContext context, HandshakeAgreement agreement, Serving serving, object? state)
    {
        WebSocketTransport transport = CreateTransport(context, out MessageBridge? bridge);
        WebSocketConnection connection = Create(transport, agreement, serving.Handler, _options.Connection);
        connection.UserState = state;
        connection.User = context.User;
        SetEndPoints(connection, context.Connection);
        connection.Host = _connections;
        _connections.Add(connection);
        HalfClose? halfClose = context.Features.Get<HalfClose>();
        halfClose?.Hold(context.Features.Get<IConnectionCompleteFeature>());
        using Activity? activity = ConnectionActivity.Begin(_pattern);
        Task? running = await OpenAsync(connection, serving.Function, context, activity);
        if (!await TryStartAsync(context, agreement, transport, bridge, connection))
        {
            halfClose?.Release();
            await RefuseAsync(context, _full);
        }

        await connection.Completion;
        if (running is not null)
        {
            // A function that still waits for the request's own token must see the end by it, once everything sent has left.
            if (halfClose is not null && await Task.WhenAny(running, Task.Delay(_longestGoingOn)) != running)
            {
                halfClose.Release();
            }

            await running;
        }

        if (bridge is not null)
        {
            await bridge.Completion;
        }

        ReportEnd(connection, context.Request.Path, activity);
    }

    // Before the opening handshake is answered: a client that can read the answer has been opened, and its function has begun.
    private async Task<Task?> OpenAsync(
        WebSocketConnection connection,
        Func<WebSocketConnection, CancellationToken, Task>? function,
        HttpContext? context,
        Activity? activity
    )
    {
        connection.Open();
        if (function is null)
        {
            return null;
        }

        var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<(WebSocketEndpoint Endpoint, TaskCompletionSource<Task> Begun)> begin = self =>
        {
            if (activity is not null)
            {
                // A function whose request has ended has no other context than this.
                Activity.Current = activity;
            }

            self.Begun.SetResult(self.Endpoint.RunAsync(connection, function, context));
        };
        if (context is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(begin, (this, begun), preferLocal: false);
        }
        else
        {
            ThreadPool.QueueUserWorkItem(begin, (this, begun), preferLocal: false);
        }

        // A function that blocks its thread for what the client is to send must not keep the client from being answered.
        await Task.WhenAny(begun.Task, Task.Delay(_longestBeginning));
        return begun.Task.Unwrap();
    }

    // Answers the handshake and starts the connection. Where it can't be answered, the connection has ended.
    private static async Task<bool> TryStartAsync(
        HttpContext context,
        HandshakeAgreement agreement,
        WebSocketTransport transport,
        MessageBridge? bridge,
        WebSocketConnection connection
    )
    {
        try
        {
            if (await TryUpgradeAsync(context, agreement, transport, bridge))
            {
                connection.Start();
                return true;
            }
        }
        catch (Exception exception)
        {
            connection.Ended(exception);
            throw;
        }

        connection.Ended(null);
        return false;
    }

    // A detached connection has no request.
    private async Task RunAsync(
        WebSocketConnection connection,
        Func<WebSocketConnection, CancellationToken, Task> function,
        HttpContext? context
    )
    {
        // Not disposed: it may be cancelled after the function has returned, and it holds nothing that needs it.
        var over = new CancellationTokenSource();
        _ = EndAsync(connection, over);
        CloseStatus status = CloseStatus.NormalClosure;
        try
        {
            await function(connection, over.Token);
        }
        catch (Exception exception) when (IsEndOf(connection, context, exception))
        {
            // The connection ended under the function's hands: that is how it learns of it.
        }
        catch (Exception exception)
        {
            status = CloseStatus.InternalError;
            HandlerFailed(exception, context?.Request.Path.ToString() ?? _pattern);
        }

        await connection.CloseAsync(status, status == CloseStatus.InternalError ? "Internal error" : "");
    }

    // A function may go on for a while after its connection is over, which is over all the same.
    private static async Task EndAsync(WebSocketConnection connection, CancellationTokenSource over)
    {
        await connection.Completion;
        await over.CancelAsync();
    }

    private static bool IsEndOf(WebSocketConnection connection, HttpContext? context, Exception exception) =>
        exception switch
        {
            WebSocketClosedException => connection.State != WebSocketPhase.Open,
            // The host may see the end of TCP before the connection does.
            OperationCanceledException => connection.State != WebSocketPhase.Open
                || context is { RequestAborted.IsCancellationRequested: true },
            _ => false,
        };

    private async Task CloseFullAsync(HttpContext context, HandshakeAgreement agreement)
    {
        TimeSpan closeTimeout = _options.Connection.CloseTimeout;
        WebSocketConnectionOptions options = _options.Connection with
        {
            CloseTimeout =
                closeTimeout == Timeout.InfiniteTimeSpan || closeTimeout > _longestCloseWhenFull ? _longestCloseWhenFull : closeTimeout,
        };
        WebSocketTransport transport = CreateTransport(context, out MessageBridge? bridge);
        WebSocketConnection connection = Create(transport, agreement, handler: null, options);
        // Before the client can read the answer, so that the line is in the log by then.
        CountRefused(context, _full.StatusCode, _full.Reason);
        if (!await TryStartAsync(context, agreement, transport, bridge, connection))
        {
            await AnswerAsync(context, _full);
            return;
        }

        await connection.CloseAsync(CloseStatus.TryAgainLater, "Try again later");
        if (bridge is not null)
        {
            await bridge.Completion;
        }
    }

    private static WebSocketConnection Create(
        WebSocketTransport transport,
        HandshakeAgreement agreement,
        WebSocketHandler? handler,
        WebSocketConnectionOptions options
    )
    {
        PerMessageDeflate? deflate = agreement.Deflate is null ? null : PerMessageDeflate.ForServer(agreement.Deflate, options.Deflate);
        return new WebSocketConnection(transport, WebSocketRole.Server, options, handler, agreement.Subprotocol, deflate);
    }

    private void ReportEnd(WebSocketConnection connection, string? path, Activity? activity)
    {
        if (connection.HandlerError is not null)
        {
            HandlerFailed(connection.HandlerError, path);
        }

        switch (connection.AbortCause)
        {
            case ConnectionAbortCause.TooSlow or ConnectionAbortCause.OverBudget:
                Aborted(path, connection.AbortCause);
                break;
            case ConnectionAbortCause.PeerDead:
                PeerDead(path, connection.Options.PongTimeout);
                break;
            case ConnectionAbortCause.CloseTimeout:
                CloseTimedOut(path, connection.Options.CloseTimeout);
                break;
        }

        if (connection.AbortCause != ConnectionAbortCause.None)
        {
            _connections.CountAborted(connection.AbortCause);
        }

        _connections.CountClosed(connection.CloseStatus ?? CloseStatus.Abnormal);
        ConnectionActivity.End(activity, connection);
    }

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "A WebSocket connection at {Path} was aborted: {Cause}. The peer took what was sent, or sent what it had begun, too slowly "
            + "(MinDataRateBytesPerSecond), or held too much memory meanwhile (MemoryBudget)."
    )]
    private partial void Aborted(string? path, ConnectionAbortCause cause);

    [LoggerMessage(
        3,
        LogLevel.Information,
        "A WebSocket connection at {Path} was aborted: its peer answered no ping within {PongTimeout} and took nothing meanwhile."
    )]
    private partial void PeerDead(string? path, TimeSpan pongTimeout);

    [LoggerMessage(
        4,
        LogLevel.Information,
        "A WebSocket connection at {Path} was aborted: its peer did not answer the Close, or end TCP, within {CloseTimeout}."
    )]
    private partial void CloseTimedOut(string? path, TimeSpan closeTimeout);

    [LoggerMessage(1, LogLevel.Error, "The handler of a WebSocket connection at {Path} failed; the connection was closed with 1011.")]
    private partial void HandlerFailed(Exception exception, string? path);
}
