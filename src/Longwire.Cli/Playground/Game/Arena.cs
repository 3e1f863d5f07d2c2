using System.Diagnostics.CodeAnalysis;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Cli.Playground.Game;

/// <summary>The room of the game: a world that steps 60 times a second, shown to each player as far as the player sees.</summary>
internal class Arena : LiveRoom<Pilot>
{
    private const int MaxPlayers = 200;
    private const int Bots = 100;
    private const int MaxStepsAtOnce = 6;
    private const int Ranked = 8;
    private static readonly TimeSpan _step = TimeSpan.FromSeconds(1.0 / World.StepsPerSecond);
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(30);

    private readonly World _world = new((uint)Environment.TickCount, Bots);
    private readonly byte[] _frame = new byte[FrameWriter.MaxBytes];
    private TimeSpan _owed;
    private int _rankedAt;

    public static void Map<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TArena>(IRoomRouteBuilder hub)
        where TArena : Arena =>
        hub.MapRoom<TArena>("game:{id:int}")
            .WithTick(World.StepsPerSecond)
            .WithPresence(static presence => presence.Grace = _grace)
            .WithSlowConsumer(SlowConsumerPolicy.KeepLatest);

    protected override HubDecision OnJoin(JoinRequest join) => Seats.Count < MaxPlayers ? join.Accept() : join.Refuse("The game is full");

    protected override Pilot OnSeat(Seat<Pilot> seat) => new(_world.Add(seat.Username));

    protected override void OnBinary(Seat<Pilot> seat, ReadOnlySpan<byte> payload) => seat.State.Take(payload);

    protected override void OnLost(Seat<Pilot> seat) => seat.State.Forget();

    protected override void OnLeave(Seat<Pilot> seat, LeaveCause cause) => _world.Remove(seat.State.Ship);

    protected override void OnTick(in RoomTick tick)
    {
        // The timer's turns come in milliseconds, and some not at all; the world's steps are all of one length.
        _owed += tick.Elapsed;
        int steps = Math.Min(MaxStepsAtOnce, (int)(_owed / _step));
        if (steps == 0)
        {
            return;
        }

        _owed = steps == MaxStepsAtOnce ? TimeSpan.Zero : _owed - (steps * _step);
        for (int step = 0; step < steps; step++)
        {
            foreach (Seat<Pilot> seat in Seats)
            {
                seat.State.Steer();
            }

            _world.Step();
        }

        foreach (Seat<Pilot> seat in Seats)
        {
            int length = seat.State.WriteFrame(_world, _frame);
            seat.TrySend(_frame.AsSpan(0, length), Longwire.SendOptions.Latest("world"));
        }

        if (_world.StepNumber - _rankedAt >= World.StepsPerSecond)
        {
            _rankedAt = _world.StepNumber;
            Rank();
        }
    }

    private void Rank()
    {
        Rank[] best =
        [
            .. _world
                .Ships.OrderByDescending(static ship => ship.Score)
                .Take(Ranked)
                .Select(static ship => new Rank(ship.Id, ship.Name, ship.Score)),
        ];
        Rank[] players = [.. Seats.Select(static seat => seat.State.Ship).Select(static ship => new Rank(ship.Id, ship.Name, ship.Score))];
        foreach (Seat<Pilot> seat in Seats)
        {
            seat.TrySend(new Ranks(seat.State.Ship.Id, best, players), Longwire.SendOptions.Latest("ranks"));
        }
    }
}
