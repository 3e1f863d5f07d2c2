using System.Diagnostics;
using Longwire.Cli.Playground.Game;
using Longwire.Hubs;

namespace Longwire.Game.Benchmarks;

/// <summary>The page's game, which writes down when its turns begin.</summary>
internal sealed class MeasuredArena(TickTimes times) : Arena
{
    protected override void OnTick(in RoomTick tick)
    {
        times.Add(Stopwatch.GetElapsedTime(0));
        base.OnTick(tick);
    }
}
