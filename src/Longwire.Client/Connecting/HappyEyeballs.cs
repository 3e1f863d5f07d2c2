using System.Net;
using System.Net.Sockets;

namespace Longwire.Connecting;

/// <summary>
/// Connects to the first of several addresses that answers (RFC 8305 §4 and §5): one after the other, the families in turn, the next one
/// when the last has failed or has not answered for a quarter of a second.
/// </summary>
internal static class HappyEyeballs
{
    /// <summary>The Connection Attempt Delay, with the value that RFC 8305 §8 recommends.</summary>
    public static TimeSpan AttemptDelay { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects.</summary>
    /// <param name="addresses">The addresses, in the resolver's order of preference.</param>
    /// <param name="connect">Begins one attempt. A cancelled one must not leave anything behind.</param>
    /// <param name="discard">Gets what an attempt brought after another one had won.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <returns>The result of the first successful attempt; it fails with the failure of the last attempt.</returns>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPAddress> addresses,
        Func<IPAddress, CancellationToken, Task<T>> connect,
        Action<T> discard,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (addresses.Count == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        if (addresses.Count == 1)
        {
            return await connect(addresses[0], cancellationToken).ConfigureAwait(false);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = new Queue<IPAddress>(InTurn(addresses));
        var running = new List<Task<T>>();
        Task delay = Task.CompletedTask;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (delay.IsCompleted && waiting.TryDequeue(out IPAddress? next))
                {
                    running.Add(connect(next, over.Token));
                    delay = Task.Delay(AttemptDelay, time, over.Token);
                }

                Task first = await Task.WhenAny(waiting.Count == 0 ? running : running.Append(delay)).ConfigureAwait(false);
                if (first is not Task<T> attempt)
                {
                    continue;
                }

                running.Remove(attempt);
                if (attempt.IsCompletedSuccessfully || (waiting.Count == 0 && running.Count == 0))
                {
                    return await attempt.ConfigureAwait(false);
                }

                _ = attempt.Exception; // seen
                delay = Task.CompletedTask;
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (Task<T> attempt in running)
            {
                _ = DiscardAsync(attempt, discard);
            }
        }
    }

    /// <summary>The addresses so that the two families take turns, beginning with the preferred one (RFC 8305 §4).</summary>
    internal static IEnumerable<IPAddress> InTurn(IReadOnlyList<IPAddress> addresses)
    {
        IPAddress[] preferred = [.. addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily)];
        IPAddress[] others = [.. addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily)];
        for (int i = 0; i < Math.Max(preferred.Length, others.Length); i++)
        {
            if (i < preferred.Length)
            {
                yield return preferred[i];
            }

            if (i < others.Length)
            {
                yield return others[i];
            }
        }
    }

    private static async Task DiscardAsync<T>(Task<T> attempt, Action<T> discard)
    {
        try
        {
            discard(await attempt.ConfigureAwait(false));
        }
        catch (Exception)
        {
            // Another attempt has won, or all are over: nobody asks why this one failed.
        }
    }
}
