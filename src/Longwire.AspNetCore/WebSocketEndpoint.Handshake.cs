using System.Globalization;
using Longwire.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Primitives;

namespace Longwire.AspNetCore;

// The opening handshake: judged, refused, or answered.
internal sealed partial class WebSocketEndpoint
{
    private static readonly HandshakeRefusal _noCommonSubprotocol = new(
        400,
        "This endpoint requires a subprotocol, and none of the offered ones is spoken here."
    );

    private static readonly HandshakeRefusal _cannotUpgrade = new(400, "This request can't be upgraded.");
    private static readonly HandshakeRefusal _full = new(503, "Too many connections: come back later.");
    private static readonly HandshakeRefusal _goingAway = new(503, "The server is going away: come back later.");

    private readonly PageRule _pages;

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

        if (_pages.JudgeHandshake(context) is { } notAllowed)
        {
            return notAllowed;
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

        bool carriesBytes = extendedConnect || context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
        if (!carriesBytes)
        {
            // Messages are the host's then, and so are extensions.
            agreement = new HandshakeAgreement(subprotocol, Deflate: null, Extensions: null);
            return context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } ? null : _cannotUpgrade;
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

    private Task RefuseAsync(HttpContext context, HandshakeRefusal refusal)
    {
        CountRefused(context, refusal.StatusCode, refusal.Reason);
        return AnswerAsync(context, refusal);
    }

    private async Task AnswerAsync(HttpContext context, HandshakeRefusal refusal)
    {
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
                    // RFC 9110 §15.5.22; later versions of HTTP know neither header. The host closes a connection whose answer has this
                    // header without "keep-alive", and doesn't add "close" to it.
                    response.Headers.Upgrade = "websocket";
                    response.Headers.Connection = HeaderTokens.Contains(Joined(context.Request.Headers.Connection), "close")
                        ? "Upgrade, close"
                        : "Upgrade, keep-alive";
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

    private void CountRefused(HttpContext context, int statusCode, string reason)
    {
        _connections.CountRefused(statusCode);
        _log.Refused(context, statusCode, reason);
    }

    // The transport that carries the connection once the opening handshake is answered.
    private WebSocketTransport CreateTransport(HttpContext context, out MessageBridge? bridge)
    {
        bridge = null;
        if (ExtendedConnect(context) is null)
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
            {
                bridge = new MessageBridge(_options.Connection);
                return bridge.Transport;
            }

            // Below the upgraded stream Kestrel offers the raw pipe, TLS included: one layer instead of three.
            if (context.Features.Get<IConnectionTransportFeature>() is { } feature)
            {
                // The connection's own feature, as the request's may be gone when an abort comes late.
                Action end = context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort;
                return new PipeTransport(feature.Transport, end, leaveOpen: true, context.Features.Get<IConnectionSocketFeature>()?.Socket);
            }
        }

        return new StreamTransport(context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort);
    }

    // Answers the opening handshake. Returns false when the host has as many upgraded connections as it may have.
    private static async Task<bool> TryUpgradeAsync(
        HttpContext context,
        HandshakeAgreement agreement,
        WebSocketTransport transport,
        MessageBridge? bridge
    )
    {
        if (bridge is not null)
        {
            IHttpWebSocketFeature feature = context.Features.GetRequiredFeature<IHttpWebSocketFeature>();
            bridge.Start(await feature.AcceptAsync(new WebSocketAcceptContext { SubProtocol = agreement.Subprotocol }));
            return true;
        }

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
            if (
                HeaderTokens.Contains(Joined(context.Request.Headers.Expect), "100-continue")
                && context.Features.Get<IConnectionTransportFeature>()?.Transport is { } pipe
            )
            {
                // It is owed before a 101 (RFC 9110 §7.8), and the host sends it only when a body is read.
                await pipe.Output.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), context.RequestAborted);
            }

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

    private static IHttpExtendedConnectFeature? ExtendedConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } feature ? feature : null;

    private static string? Joined(StringValues values) => values.Count == 0 ? null : values.ToString();
}
