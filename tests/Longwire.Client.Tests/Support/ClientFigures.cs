using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Longwire.Client.Tests;

/// <summary>
/// The figures of the clients that a test makes, as a listener of their meter adds them up. All clients of the process share the meter: a
/// test's own are told from the others by the flow of control.
/// </summary>
internal sealed class ClientFigures : IDisposable
{
    private static readonly AsyncLocal<ClientFigures?> _current = new();

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly ConcurrentDictionary<string, string> _instruments = new();
    private readonly SemaphoreSlim _changes = new(0);

    public ClientFigures()
    {
        _current.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Longwire.Client")
            {
                _instruments[instrument.Name] = instrument.Unit!;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The units of the instruments, by their names.</summary>
    public IReadOnlyDictionary<string, string> Instruments => _instruments;

    /// <summary>The names of all tags that came with measurements.</summary>
    public ConcurrentDictionary<string, string> Tags { get; } = new();

    /// <summary>The sum of an instrument's measurements.</summary>
    /// <param name="figure">
    /// The instrument's name without <c>longwire.client.</c>, and behind a space the value of its tag, where it has one.
    /// </param>
    public long this[string figure] => _sums.GetValueOrDefault(figure);

    /// <summary>Waits until a figure has a value.</summary>
    public async Task UntilAsync(string figure, long value)
    {
        while (this[figure] != value)
        {
            Assert.True(await _changes.WaitAsync(Patience.Long), $"{figure} is {this[figure]}, not {value}.");
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_current.Value != this)
        {
            return;
        }

        string figure = instrument.Name["longwire.client.".Length..];
        if (!tags.IsEmpty)
        {
            figure += $" {tags[0].Value}";
            Tags[instrument.Name] = tags[0].Key;
        }

        _sums.AddOrUpdate(figure, value, (_, sum) => sum + value);
        _changes.Release();
    }
}
