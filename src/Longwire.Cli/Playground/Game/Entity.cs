namespace Longwire.Cli.Playground.Game;

/// <summary>A thing in the world as players see it. Places are in sixteenths of a unit, so that they fit 16 bits without a loss.</summary>
internal readonly record struct Entity(ushort Id, EntityKind Kind, ushort X, ushort Y, ushort Worth);
