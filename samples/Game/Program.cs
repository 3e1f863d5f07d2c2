using Longwire.Hubs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub => hub.AllowGuests = true);
WebApplication app = builder.Build();
LongwireHubEndpointBuilder hub = app.MapLongwireHub("/");
hub.OnConnect((IHubSession me) => me.JoinAsync("game:1"));
hub.MapRoom<Arena>("game:{id:int}")
    .WithTick(60)
    .WithPresence(presence => presence.Grace = TimeSpan.FromSeconds(30))
    .On<Input>(static (arena, request, input) => Arena.Steer(arena.SeatOf(request), input.Keys));
app.Run();

internal sealed record Input(Dictionary<string, bool> Keys);

internal sealed record State(Player[] Players, string[] Entities);

internal sealed record Player(string UserId, double X, double Y);

internal sealed class Arena : LiveRoom<Arena.Ship>
{
    private const double UnitsPerSecond = 100;

    public static void Steer(Seat<Ship> seat, Dictionary<string, bool> keys)
    {
        seat.State.SpeedX = Direction(keys, "ArrowRight", "ArrowLeft");
        seat.State.SpeedY = Direction(keys, "ArrowDown", "ArrowUp");
    }

    protected override HubDecision OnJoin(JoinRequest join) => Seats.Count < 200 ? join.Accept() : join.Refuse("Full");

    protected override Ship OnSeat(Seat<Ship> seat) => new();

    protected override void OnTick(in RoomTick tick)
    {
        foreach (Seat<Ship> seat in Seats)
        {
            seat.State.X += seat.State.SpeedX * tick.Elapsed.TotalSeconds;
            seat.State.Y += seat.State.SpeedY * tick.Elapsed.TotalSeconds;
        }

        var state = new State([.. Seats.Select(static seat => new Player(seat.UserId, seat.State.X, seat.State.Y))], []);
        foreach (Seat<Ship> seat in Seats)
        {
            seat.TrySend(state, Longwire.SendOptions.Latest("state"));
        }
    }

    private static double Direction(Dictionary<string, bool> keys, string plus, string minus) =>
        UnitsPerSecond * ((keys.GetValueOrDefault(plus) ? 1 : 0) - (keys.GetValueOrDefault(minus) ? 1 : 0));

    internal sealed class Ship
    {
        public double X { get; set; }

        public double Y { get; set; }

        public double SpeedX { get; set; }

        public double SpeedY { get; set; }
    }
}
