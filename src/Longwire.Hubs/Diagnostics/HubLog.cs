using System.Net;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs;

/// <summary>
/// The hub's log messages. Those about clients are Debug, or Information where an operator may want to see it; Error is for faults of the
/// application or ours. Tokens, session secrets and what people write are never logged.
/// </summary>
internal sealed partial class HubLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Debug, "Client {ClientId} connected (resumed: {Resumed}) from {RemoteAddress}.")]
    public partial void Connected(string clientId, bool resumed, IPAddress? remoteAddress);

    [LoggerMessage(2, LogLevel.Debug, "Client {ClientId} disconnected with status {Status}.")]
    public partial void Disconnected(string clientId, int status);

    [LoggerMessage(3, LogLevel.Information, "A connection from {RemoteAddress} was refused: the server is full.")]
    public partial void ServerFull(IPAddress? remoteAddress);

    [LoggerMessage(4, LogLevel.Information, "Client {ClientId} from {RemoteAddress} presented a token that is not valid.")]
    public partial void AuthenticationFailed(string clientId, IPAddress? remoteAddress);

    [LoggerMessage(5, LogLevel.Debug, "Client {ClientId} did not authenticate in time.")]
    public partial void AuthenticationTimedOut(string clientId);

    [LoggerMessage(6, LogLevel.Debug, "A message of client {ClientId} was refused as {Code}.")]
    public partial void MessageRejected(string clientId, string code);

    [LoggerMessage(7, LogLevel.Information, "Client {ClientId} did not keep up and is closed.")]
    public partial void TooSlow(string clientId);

    [LoggerMessage(8, LogLevel.Warning, "The engine is unavailable ({Operation}).")]
    public partial void EngineUnavailable(Exception exception, string operation);

    [LoggerMessage(9, LogLevel.Error, "The token validator failed for client {ClientId}.")]
    public partial void ValidatorFailed(Exception exception, string clientId);

    [LoggerMessage(10, LogLevel.Error, "A request of client {ClientId} failed.")]
    public partial void RequestFailed(Exception exception, string clientId);

    [LoggerMessage(11, LogLevel.Error, "The session of client {ClientId} failed at {Event} and ends.")]
    public partial void SessionFailed(Exception exception, SessionEventKind @event, string clientId);

    [LoggerMessage(12, LogLevel.Information, "Hub {Node} started.")]
    public partial void Started(string node);

    [LoggerMessage(17, LogLevel.Information, "The connection of client {ClientId} from {RemoteAddress} was refused: {Reason}.")]
    public partial void ConnectionRefused(string clientId, IPAddress? remoteAddress, string reason);

    [LoggerMessage(14, LogLevel.Error, "The connection of client {ClientId} could not be closed.")]
    public partial void CloseFailed(Exception exception, string clientId);

    [LoggerMessage(18, LogLevel.Error, "A message could not be sent to client {ClientId}; its connection is given up.")]
    public partial void SendFailed(Exception exception, string clientId);

    [LoggerMessage(15, LogLevel.Warning, "The engine could not be told that rooms were left ({Operation}); it is told again later.")]
    public partial void LeaveOwed(Exception exception, string operation);

    [LoggerMessage(16, LogLevel.Error, "The hub's clock failed.")]
    public partial void ClockFailed(Exception exception);

    [LoggerMessage(13, LogLevel.Information, "Hub {Node} stopping: {Connections} connections to close.")]
    public partial void Stopping(string node, int connections);

    [LoggerMessage(19, LogLevel.Error, "A call of a room's class failed.")]
    public partial void RoomFailed(Exception exception);

    [LoggerMessage(22, LogLevel.Information, "Hub {Node} draining: {Connections} connections leave at {Rate} a second.")]
    public partial void Draining(string node, int connections, double rate);

    [LoggerMessage(23, LogLevel.Warning, "{Connections} connections at {Rate} a second take longer than the time-out of {Timeout}.")]
    public partial void DrainTooSlow(int connections, double rate, TimeSpan timeout);

    [LoggerMessage(40, LogLevel.Information, "{Kind} {Name} until {Until}.")]
    public partial void Blocked(AccessBlockKind kind, string name, DateTimeOffset until);

    [LoggerMessage(21, LogLevel.Warning, "The keys that tokens are signed with could not be read.")]
    public partial void KeysUnreadable(Exception exception);

    /// <summary>An administrator's doing, under the number of its event.</summary>
    public void Audited(AdminEvent what, string role, IPAddress? remoteAddress, string target) =>
        logger.Log<KeyValuePair<string, object?>[]>(
            what == AdminEvent.TokenRefused ? LogLevel.Warning : LogLevel.Information,
            new EventId((int)what, what.ToString()),
            [
                new("What", what),
                new("Role", role),
                new("RemoteAddress", remoteAddress),
                new("Target", target),
                new("{OriginalFormat}", "Administration: {What} by {Role} from {RemoteAddress}: {Target}."),
            ],
            exception: null,
            static (entry, _) => $"Administration: {entry[0].Value} by {entry[1].Value} from {entry[2].Value}: {entry[3].Value}."
        );

    [LoggerMessage(20, LogLevel.Information, "A request from {RemoteAddress} to publish had no API key that is known.")]
    public partial void ApiKeyUnknown(IPAddress? remoteAddress);
}
