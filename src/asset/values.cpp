#include "asset/values.hpp"

namespace c2d {

using json::list_of;
using json::Value;

Value to_value(const ServiceOffer& service) {
    return Value::object({{"index", service.index},
                          {"endpoint", service.endpoint},
                          {"template", service.op_template ? Value(token_text(*service.op_template)) : Value()}});
}

Value to_value(const FreeArgument& free) {
    return Value::object({{"service", free.service}, {"argument", free.argument}, {"allows", free.allows}});
}

Value to_value(const Asset& asset) {
    return Value::object({{"dt", token_text(asset.record.id)},
                          {"name", asset.name},
                          {"type", asset.type},
                          {"owner", address_text(asset.record.owner)},
                          {"active", asset.active},
                          {"is_leaf", asset.record.is_leaf},
                          {"checksum", hex_text(asset.record.checksum)},
                          {"cid", asset.record.document},
                          {"block", asset.record.block_updated},
                          {"children", list_of(asset.children, token_text)},
                          {"services", list_of(asset.services)},
                          {"free", list_of(asset.free)}});
}

Value to_value(const OperatorTemplate& op) {
    return Value::object({{"tid", token_text(op.id)},
                          {"name", op.record.name},
                          {"publisher", address_text(op.record.publisher)},
                          {"checksum", hex_text(op.record.checksum)},
                          {"cid", op.record.document},
                          {"block", op.record.block_updated},
                          {"operation", op.operation},
                          {"params", Value::written(op.params_json)},
                          {"document", Value::written(op.document_json)}});
}

Value to_value(const LeafRun& run) {
    return Value::object(
        {{"dt", token_text(run.dt)}, {"endpoint", run.endpoint}, {"args", Value::written(run.args_json)}});
}

}  // namespace c2d
