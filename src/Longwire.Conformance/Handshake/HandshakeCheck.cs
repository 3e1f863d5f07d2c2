namespace Longwire.Conformance;

/// <summary>The checks of a server's answer to an opening handshake (RFC 6455 §4.1, §4.2.2).</summary>
internal static class HandshakeCheck
{
    /// <returns>A sentence, or null when the answer opens the connection rightly.</returns>
    public static string? FaultIn(HttpHead answer, HandshakeRequest request)
    {
        if (answer.Status != 101)
        {
            return $"The server refused the upgrade: {answer.FirstLine}.";
        }

        if (!answer.FirstLine.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            return $"The server's first line is '{answer.FirstLine}'.";
        }

        if (answer.Find("Upgrade") is not { } upgrade || !upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            return "The answer has no 'Upgrade: websocket' (RFC 6455 §4.2.2).";
        }

        if (!answer.HasToken("Connection", "Upgrade"))
        {
            return "The answer has no 'Connection: Upgrade' (RFC 6455 §4.2.2).";
        }

        if (answer.Count("Sec-WebSocket-Accept") != 1 || answer.Find("Sec-WebSocket-Accept") != HandshakeRequest.AcceptFor(request.Key))
        {
            return "The answer's Sec-WebSocket-Accept does not belong to the key (RFC 6455 §4.2.2).";
        }

        if (answer.Count("Sec-WebSocket-Protocol") > 1)
        {
            return "The answer names several subprotocols (RFC 6455 §4.2.2).";
        }

        string[] offered =
            request.Headers.FirstOrDefault(h => h.Key == "Sec-WebSocket-Protocol").Value?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        if (answer.Find("Sec-WebSocket-Protocol") is { } protocol && !offered.Contains(protocol))
        {
            return $"The answer names the subprotocol '{protocol}', which was not offered (RFC 6455 §4.2.2).";
        }

        return null;
    }
}
