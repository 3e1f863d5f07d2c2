using System.Globalization;
using System.Net;
using Longwire.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Longwire.AspNetCore;

/// <summary>One mapped endpoint: judges handshakes, upgrades, and serves the connections until they are over.</summary>
internal sealed partial class WebSocketEndpoint
{
    private static readonly HandshakeRefusal _originNotAllowed = new(
        403,
        "Origin not allowed: this page may not connect here. The server's origin rule decides."
    );

    private static readonly HandshakeRefusal _noCommonSubprotocol = new(
        400,
        "This endpoint requires a subprotocol, and none of the offered ones is spoken here."
    );

    private static readonly HandshakeRefusal _cannotUpgrade = new(400, "This request can't be upgraded.");
    private static readonly HandshakeRefusal _full = new(503, "Too many connections: come back later.");
    private static readonly HandshakeRefusal _goingAway = new(503, "The server is going away: come back later.");

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
    private readonly ILogger _logger;

    public WebSocketEndpoint(
        WebSocketHandlerSource source,
        WebSocketEndpointOptions options,
        WebSocketConnections connections,
        string pattern,
        ILogger logger
    )
    {
        _source = source;
        _options = options;
        _connections = connections;
        _slots = new ConnectionSlots(options.MaxConnections, options.MaxConnectionsPerAddress);
        _subprotocols = [.. options.Subprotocols];
        _pattern = pattern;
        _logger = logger;
        _whenOver = connection => DetachedOver(connection, address: null);
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
                _connections.CountRefused(context.Response.StatusCode);
                return;
            }

            if (full)
            {
                await CloseFullAsync(context, agreement);
            }
            else if (MayDetach(context, out IDetachFeature? detach))
            {
                detached = await ServeDetachedAsync(context, detach, agreement, state, address);
            }
            else
            {
                await ServeAsync(context, agreement, state);
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

    private HandshakeRefusal? Judge(HttpContext context, out HandshakeAgreement agreement)
    {
        IHeaderDictionary headers = context.Request.Headers;
        agreement = default;
        bool extendedConnect = ExtendedConnect(context) is not null;
        var request = new UpgradeRequest
        {
            Method = context.Request.Method,
            IsExtendedConnect = extendedConnect,
            IsHttp11OrHigher = !HttpProtocol.IsHttp10(context.Request.Protocol) && !HttpProtocol.IsHttp09(context.Request.Protocol),
            Upgrade = Joined(headers.Upgrade),
            Connection = Joined(headers.Connection),
            Key = Joined(headers.SecWebSocketKey),
            Version = Joined(headers.SecWebSocketVersion),
            Subprotocols = Joined(headers.SecWebSocketProtocol),
            Extensions = Joined(headers.SecWebSocketExtensions),
        };
        HandshakeRefusal? refusal = ServerHandshake.Check(
            request,
            out IReadOnlyList<string> offered,
            out IReadOnlyList<ExtensionOffer> extensions
        );
        if (refusal is not null)
        {
            return refusal;
        }

        if (!_options.Origins.Allows(Joined(headers.Origin), context.Request.Host.Value))
        {
            return _originNotAllowed;
        }

        string? subprotocol = SubprotocolNegotiation.Choose(_subprotocols, offered);
        if (subprotocol is null && _options.RequireSubprotocol)
        {
            return _noCommonSubprotocol;
        }

        if (_connections.IsStopping)
        {
            return _goingAway;
        }

        if (!extendedConnect && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            return _cannotUpgrade;
        }

        DeflateNegotiation.TryAccept(
            extensions,
            _options.Connection.Deflate,
            out DeflateParameters? deflate,
            out string? answer,
            DeflatePool.Shared.Budget
        );
        agreement = new HandshakeAgreement(subprotocol, deflate, answer);
        return null;
    }

    private async Task RefuseAsync(HttpContext context, HandshakeRefusal refusal)
    {
        _connections.CountRefused(refusal.StatusCode);
        HttpResponse response = context.Response;
        response.StatusCode = refusal.StatusCode;
        switch (refusal.StatusCode)
        {
            case StatusCodes.Status405MethodNotAllowed:
                response.Headers.Allow = HttpMethods.Get;
                break;
            case StatusCodes.Status426UpgradeRequired:
                response.Headers.SecWebSocketVersion = ServerHandshake.Version;
                if (HttpProtocol.IsHttp11(context.Request.Protocol))
                {
                    // RFC 9110 §15.5.22; later versions of HTTP know neither header.
                    response.Headers.Upgrade = "websocket";
                    response.Headers.Connection = HeaderNames.Upgrade;
                }

                break;
            case StatusCodes.Status503ServiceUnavailable:
                response.Headers.RetryAfter = ((int)Math.Ceiling(_options.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                break;
        }

        response.ContentType = "text/plain; charset=utf-8";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.WriteAsync(refusal.Reason + "\n", context.RequestAborted);
        }
    }

    // What will carry the connection once the opening handshake is answered.
    private static WebSocketTransport CreateTransport(HttpContext context)
    {
        // Below the upgraded stream Kestrel offers the raw pipe, TLS included: one layer instead of three.
        if (ExtendedConnect(context) is null && context.Features.Get<IConnectionTransportFeature>() is { } feature)
        {
            // The connection's own feature, as the request's may be gone when an abort comes late.
            Action end = context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort;
            return new PipeTransport(feature.Transport, end, leaveOpen: true, context.Features.Get<IConnectionSocketFeature>()?.Socket);
        }

        return new StreamTransport(context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort);
    }

    // Answers the opening handshake. Returns false when the host has as many upgraded connections as it may have.
    private static async Task<bool> TryUpgradeAsync(HttpContext context, HandshakeAgreement agreement, WebSocketTransport transport)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (agreement.Subprotocol is not null)
        {
            headers.SecWebSocketProtocol = agreement.Subprotocol;
        }

        if (agreement.Extensions is not null)
        {
            headers.SecWebSocketExtensions = agreement.Extensions;
        }

        // A time limit for requests was meant for the handshake.
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        Stream stream;
        if (ExtendedConnect(context) is { } connect)
        {
            stream = await connect.AcceptAsync();
        }
        else
        {
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = HandshakeKey.Accept(context.Request.Headers.SecWebSocketKey.ToString().AsSpan().Trim());
            try
            {
                stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            }
            catch (InvalidOperationException) when (!context.Response.HasStarted)
            {
                context.Response.Clear();
                return false;
            }
        }

        (transport as StreamTransport)?.Attach(stream);
        return true;
    }

    private async Task ServeAsync(HttpContext context, HandshakeAgreement agreement, object? state)
    {
        WebSocketTransport transport = CreateTransport(context);
        WebSocketConnection connection = Create(transport, agreement, _source.Handler, _options.Connection);
        connection.UserState = state;
        _connections.Add(connection);
        HalfClose? halfClose = context.Features.Get<HalfClose>();
        try
        {
            halfClose?.Hold(context.Features.Get<IConnectionCompleteFeature>());
            Task? serving = await OpenAsync(connection, context);
            if (!await TryStartAsync(context, agreement, transport, connection))
            {
                halfClose?.Release();
                await RefuseAsync(context, _full);
            }

            await connection.Completion;
            if (serving is not null)
            {
                // A function that goes on with the request's own token has to hear of the end by that, once what was sent has left.
                if (halfClose is not null && await Task.WhenAny(serving, Task.Delay(_longestGoingOn)) != serving)
                {
                    halfClose.Release();
                }

                await serving;
            }
        }
        finally
        {
            _connections.Remove(connection);
        }

        ReportEnd(connection, context.Request.Path);
    }

    // Before the opening handshake is answered: whoever can read the answer has been opened, and its function has begun.
    private async Task<Task?> OpenAsync(WebSocketConnection connection, HttpContext? context)
    {
        connection.Open();
        if (_source.Serve is not { } serve)
        {
            return null;
        }

        var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<(WebSocketEndpoint Endpoint, TaskCompletionSource<Task> Begun)> begin = self =>
            self.Begun.SetResult(self.Endpoint.RunAsync(connection, serve, context));
        if (context is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(begin, (this, begun), preferLocal: false);
        }
        else
        {
            ThreadPool.QueueUserWorkItem(begin, (this, begun), preferLocal: false);
        }

        // One that blocks its thread for what the client is to send must not keep the client from being answered.
        await Task.WhenAny(begun.Task, Task.Delay(_longestBeginning));
        return begun.Task.Unwrap();
    }

    // Answers the handshake and sets the connection going. Where it can't be answered, the connection has ended.
    private static async Task<bool> TryStartAsync(
        HttpContext context,
        HandshakeAgreement agreement,
        WebSocketTransport transport,
        WebSocketConnection connection
    )
    {
        try
        {
            if (await TryUpgradeAsync(context, agreement, transport))
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
        Func<WebSocketConnection, HttpContext, CancellationToken, Task> serve,
        HttpContext? context
    )
    {
        // Not disposed: it may be cancelled after the function has returned, and it holds nothing that needs it.
        var over = new CancellationTokenSource();
        _ = EndAsync(connection, over);
        CloseStatus status = CloseStatus.NormalClosure;
        try
        {
            await serve(connection, context!, over.Token);
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
    private async Task EndAsync(WebSocketConnection connection, CancellationTokenSource over)
    {
        await connection.Completion;
        _connections.Remove(connection);
        await over.CancelAsync();
    }

    private static bool IsEndOf(WebSocketConnection connection, HttpContext? context, Exception exception) =>
        exception switch
        {
            WebSocketClosedException => connection.State != WebSocketState.Open,
            // The host may see the end of TCP before the connection does.
            OperationCanceledException => connection.State != WebSocketState.Open
                || context is { RequestAborted.IsCancellationRequested: true },
            _ => false,
        };

    private async Task CloseFullAsync(HttpContext context, HandshakeAgreement agreement)
    {
        _connections.CountRefused(StatusCodes.Status503ServiceUnavailable);
        TimeSpan closeTimeout = _options.Connection.CloseTimeout;
        WebSocketConnectionOptions options = _options.Connection with
        {
            CloseTimeout =
                closeTimeout == Timeout.InfiniteTimeSpan || closeTimeout > _longestCloseWhenFull ? _longestCloseWhenFull : closeTimeout,
        };
        WebSocketTransport transport = CreateTransport(context);
        WebSocketConnection connection = Create(transport, agreement, handler: null, options);
        if (await TryStartAsync(context, agreement, transport, connection))
        {
            await connection.CloseAsync(CloseStatus.TryAgainLater, "Try again later");
        }
        else
        {
            await RefuseAsync(context, _full);
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

    private static IHttpExtendedConnectFeature? ExtendedConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } feature ? feature : null;

    private static string? Joined(StringValues values) => values.Count == 0 ? null : values.ToString();

    private void ReportEnd(WebSocketConnection connection, string? path)
    {
        if (connection.HandlerError is not null)
        {
            HandlerFailed(connection.HandlerError, path);
        }

        if (connection.AbortCause is ConnectionAbortCause.TooSlow or ConnectionAbortCause.OverBudget)
        {
            Aborted(path, connection.AbortCause);
        }

        if (connection.AbortCause != ConnectionAbortCause.None)
        {
            _connections.CountAborted(connection.AbortCause);
        }
    }

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "A WebSocket connection at {Path} was aborted: {Cause}. The peer took what was sent, or sent what it had begun, too slowly "
            + "(MinDataRateBytesPerSecond), or held too much memory meanwhile (MemoryBudget)."
    )]
    private partial void Aborted(string? path, ConnectionAbortCause cause);

    [LoggerMessage(1, LogLevel.Error, "The handler of a WebSocket connection at {Path} failed; the connection was closed with 1011.")]
    private partial void HandlerFailed(Exception exception, string? path);
}
