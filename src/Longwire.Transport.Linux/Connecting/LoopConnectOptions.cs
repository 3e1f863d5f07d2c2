using System.Net;

namespace Longwire.Transport.Linux;

/// <summary>How an outgoing connection is made. Immutable; one object serves any number of connections.</summary>
internal sealed record LoopConnectOptions
{
    /// <summary>The defaults: a new object each time, so that nobody changes everybody's.</summary>
    public static LoopConnectOptions Default => new();

    /// <summary>
    /// How long the connection may take to open, rounded up to the loop's tick. Default: 15 seconds. Limit: more than 0, at most a day.
    /// </summary>
    public TimeSpan Timeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The address of this side; its port is chosen when the connection is made, so that one address gives some 28,000 connections to
    /// each server, and several addresses as many times more. Default: null, the system chooses.
    /// </summary>
    public IPAddress? LocalAddress { get; init; }
}
