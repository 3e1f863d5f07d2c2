namespace Longwire.Yjs.Benchmarks;

/// <summary>The rates of work on updates, in MiB a second.</summary>
/// <param name="Strokes">Merging many small updates.</param>
/// <param name="Halves">Merging two large ones.</param>
/// <param name="Difference">Taking what somebody lacks from a large one.</param>
internal sealed record UpdateRates(double Strokes, double Halves, double Difference);
