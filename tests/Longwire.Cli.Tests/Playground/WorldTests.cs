using Longwire.Cli.Playground.Game;

namespace Longwire.Cli.Tests;

public sealed class WorldTests
{
    private static readonly int _seed = Random.Shared.Next();

    [Fact]
    public void The_same_seed_and_the_same_keys_make_the_same_world()
    {
        uint[] hashes = [.. Enumerable.Range(0, 2).Select(static _ => Run(_seed))];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], Run(_seed + 1));
    }

    [Fact]
    public void Sparks_are_collected_and_nobody_leaves_the_world()
    {
        var world = new World((uint)_seed, bots: 100);
        for (int step = 0; step < 60 * 30; step++)
        {
            world.Step();
            Assert.All(world.Ships, static ship => Assert.InRange(ship.X, Ship.Radius, Ship.Size - 1 - Ship.Radius));
            Assert.All(world.Ships, static ship => Assert.InRange(ship.Y, Ship.Radius, Ship.Size - 1 - Ship.Radius));
        }

        Assert.True(world.Ships.Sum(static ship => ship.Score) > 100, $"seed {_seed}");
    }

    [Fact]
    public void Players_who_press_the_same_come_equally_far_however_their_inputs_arrive()
    {
        Pilot[] pilots = [Alone(), Alone(), Alone()];
        uint number = 0;
        for (int step = 0; step < 120; step++)
        {
            number++;
            pilots[0].Take(Message(number, [2]));
            if (step % 10 == 9)
            {
                pilots[1].Take(Message(number - 9, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]));
            }

            // Ten times as much as there are steps.
            pilots[2].Take(Message((10 * number) - 9, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]));
            foreach (Pilot pilot in pilots)
            {
                pilot.Steer();
                pilot.Ship.Step();
            }
        }

        // The second one began ten steps later.
        Assert.Equal(pilots[0].Ship.X, pilots[2].Ship.X);
        Assert.InRange(pilots[1].Ship.X, pilots[0].Ship.X - (10 * 112), pilots[0].Ship.X);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(2_000)]
    public void What_is_no_input_is_ignored(int length)
    {
        Pilot pilot = Alone();
        pilot.Take(new byte[length]);
        pilot.Steer();
        Assert.Equal(0, pilot.Ship.Keys);
        Assert.Equal(0u, pilot.LastInput);
    }

    [Fact]
    public void A_frame_tells_the_snapshot_whatever_was_lost_and_whatever_the_player_knew()
    {
        var random = new Random(_seed);
        var world = new World((uint)_seed, bots: 60);
        Ship ship = world.Add("ann");
        var pilot = new Pilot(ship);
        byte[] buffer = new byte[FrameWriter.MaxBytes];
        var reader = new GameFrameReader();
        uint number = 0;
        int whole = 0;
        int bytes = 0;
        for (int step = 0; step < 2_000; step++)
        {
            pilot.Steer();
            world.Step();
            int length = pilot.WriteFrame(world, buffer);

            // One in three is replaced by a newer one before it is read; now and then nothing comes for two seconds.
            if (random.Next(3) == 0 || step % 500 > 380)
            {
                continue;
            }

            Assert.True(reader.TryRead(buffer.AsSpan(0, length), out uint hash), $"seed {_seed}, step {step}");
            var expected = new Snapshot();
            expected.Take(world, ship);
            Assert.True(expected.Entities.SequenceEqual(reader.Entities), $"seed {_seed}, step {step}");
            Assert.Equal(expected.Hash, hash);
            bytes += length;
            whole += 24 + (9 * expected.Entities.Length);
            pilot.Take(Message(++number, [(byte)random.Next(16)], reader.Newest));
        }

        Assert.True(bytes * 2 < whole, $"{bytes} bytes, {whole} as whole snapshots, seed {_seed}");
    }

    private static uint Run(int seed)
    {
        var world = new World((uint)seed, bots: 40);
        Ship ship = world.Add("ann");
        var random = new Random(seed);
        for (int step = 0; step < 1_200; step++)
        {
            ship.Keys = random.Next(16);
            world.Step();
        }

        var snapshot = new Snapshot();
        snapshot.Take(world, ship);
        return snapshot.Hash;
    }

    private static Pilot Alone() =>
        new(
            new Ship
            {
                Id = 1,
                Name = "ann",
                X = 1_000,
                Y = 1_000,
            }
        );

    private static byte[] Message(uint number, byte[] keys, int known = 0) =>
        [.. BitConverter.GetBytes((uint)known), .. BitConverter.GetBytes(number), .. keys];
}
