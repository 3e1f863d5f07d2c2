using System.Diagnostics;
using Longwire.Client;

namespace Longwire.Cli.Network;

/// <summary>How long each step of connecting took; after a redirect, to the last server.</summary>
internal sealed class ConnectTimes(Uri address)
{
    private readonly bool _isTls = address.Scheme is "wss" or "https";
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _stepBegan;

    /// <summary>The step that goes on; null before the first one.</summary>
    public HandshakeStep? Step { get; private set; }

    /// <summary>Looking up the name.</summary>
    public TimeSpan Name { get; private set; }

    public TimeSpan Tcp { get; private set; }

    /// <summary>TLS, or a proxy's tunnel and TLS.</summary>
    public TimeSpan Tls { get; private set; }

    /// <summary>The opening handshake.</summary>
    public TimeSpan Upgrade { get; private set; }

    public void Enter(HandshakeStep step)
    {
        TimeSpan time = Stopwatch.GetElapsedTime(_stepBegan);
        switch (Step)
        {
            case HandshakeStep.Resolving:
                Name = time;
                break;
            case HandshakeStep.Connecting:
                Tcp = time;
                break;
            // A proxy is asked for its tunnel first.
            case HandshakeStep.Securing or HandshakeStep.Asking when _isTls:
                Tls = time;
                break;
        }

        (Step, _stepBegan) = (step, Stopwatch.GetTimestamp());
    }

    public void End() => Upgrade = Stopwatch.GetElapsedTime(_began) - Name - Tcp - Tls;
}
