namespace Longwire.Hubs.Tests;

/// <summary>Ways in which an engine could be wrong about sessions, planted to judge its specification.</summary>
public enum SessionFault
{
    None,
    TakesByAnySecret,
    TakesByTheSecretBeforeForever,
    ForgetsTheSecretBefore,
    KeepsTheGeneration,
    SavesForAnybody,
    SavesWhatItForgotAsBefore,
    RemovesForAnybody,
    RemovesNothing,
    BringsBackWhatWasRemoved,
    LosesClaims,
    LosesRooms,
    FindsTheFirstNode,
    ForgetsWhileTheNodeLives,
    NeverForgets,
    PretendsWhenAway,
    AnswersForOthers,
    MovesMembersBack,
}
