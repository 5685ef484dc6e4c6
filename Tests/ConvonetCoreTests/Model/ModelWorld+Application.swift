/// What the application writes itself, past the functions.
extension ModelWorld {
    mutating func application(_ call: ModelCall) -> ModelOutcome {
        let place = call.person
        if people[place].isGone { return .done }
        switch call.verb {
        case .writePassword(let hash):
            if people[place].hash != hash {
                people[place].setters.append((.password, nil))
                people[place].directChanges += 1
            }
            people[place].write(.password, hash)
        case .writePIN(let pin):
            if people[place].pin != pin {
                people[place].setters.append((.pin, nil))
                people[place].pinChanges += 1
                people[place].directChanges += 1
            }
            people[place].write(.pin, pin)
        case .writeAddress(let address):
            people[place].email = address
            people[place].edition += 1
        case .signIn: people[place].edition += 1
        case .delete:
            people[place].isGone = true
            people[place].directChanges += 1
        default: break
        }
        return .done
    }

    /// What comes of any call.
    mutating func carryOut(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        (events, marks) = ([], [])
        return further(call, answer)
    }

    /// The same, with what happened before in the same step.
    mutating func further(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        switch call.actor {
        case .application: return application(call)
        case .person: return selfService(call, answer)
        case .desk:
            switch call.verb {
            case .askCallerCode, .verifyCaller: return caller(call)
            case .decide(let approval, let approves): return decide(call, approval, approves: approves)
            default: return staff(call, answer)
            }
        }
    }
}
