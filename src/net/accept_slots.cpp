#include "net/accept_slots.hpp"

#include <algorithm>

namespace c2d {

std::size_t AcceptSlots::taken(bool kept) const {
    return std::size_t(
        std::count_if(places_.begin(), places_.end(), [kept](const Place& place) { return place.kept == kept; }));
}

std::optional<AcceptSlots::Id> AcceptSlots::oldest_mute(bool kept) const {
    for (const Place& place : places_)
        if (place.kept == kept && place.mute) return place.id;
    return std::nullopt;
}

AcceptSlots::Admission AcceptSlots::admit(Source source, Time now) {
    Admission out;
    const auto take = [&](bool kept) {
        out.admitted = ++last_;
        places_.push_back({*out.admitted, kept, true, now});
        return out;
    };
    // Free places first; then those of the mute, a known caller's own half first again.
    if (source == Source::known && taken(true) < limits_.places) return take(true);
    if (taken(false) < limits_.places) return take(false);
    for (const bool kept : {true, false}) {
        if (kept && source != Source::known) continue;
        out.dropped = oldest_mute(kept);
        if (!out.dropped) continue;
        release(*out.dropped);
        return take(kept);
    }
    return out;
}

void AcceptSlots::note_client_hello(Id id) {
    for (Place& place : places_)
        if (place.id == id) place.mute = false;
}

void AcceptSlots::release(Id id) {
    std::erase_if(places_, [id](const Place& place) { return place.id == id; });
}

std::vector<AcceptSlots::Id> AcceptSlots::overdue(Time now) const {
    std::vector<Id> out;
    for (const Place& place : places_)
        if (now - place.since >= (place.mute ? limits_.mute : limits_.total)) out.push_back(place.id);
    return out;
}

}  // namespace c2d
