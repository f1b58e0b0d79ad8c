/* sentencepiece.cc - the one C++ file: SentencePiece behind a C interface. */
#include "sentencepiece.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

struct piece_model {
    sentencepiece::SentencePieceProcessor processor;
};

namespace
{

class line_iterator : public sentencepiece::SentenceIterator
{
  public:
    line_iterator(const char *lines, size_t size) : at_(lines), end_(lines + size)
    {
        read();
    }
    bool done() const override
    {
        return done_;
    }
    void Next() override
    {
        read();
    }
    const std::string &value() const override
    {
        return line_;
    }
    sentencepiece::util::Status status() const override
    {
        return {};
    }

  private:
    void read()
    {
        done_ = at_ == end_;
        if (done_)
            return;
        auto size = static_cast<size_t>(end_ - at_);
        auto *stop = static_cast<const char *>(memchr(at_, '\n', size));

        line_.assign(at_, stop);
        at_ = stop + 1;
    }

    const char *at_, *end_;
    std::string line_;
    bool done_ = false;
};

piece_result report(char *message, const char *text)
{
    std::snprintf(message, PIECE_MESSAGE_MAX, "%s", text);
    return PIECE_FAILED;
}

/* Run `work`, which gives a status of the library, with exceptions caught. */
template <typename Work> piece_result run(char *message, Work work)
{
    try {
        const sentencepiece::util::Status status = work();

        return status.ok() ? PIECE_OK : report(message, status.message());
    } catch (const std::bad_alloc &) {
        report(message, "out of memory");
        return PIECE_NO_MEMORY;
    } catch (const std::exception &error) {
        return report(message, error.what());
    }
}

sentencepiece::util::Status give(const std::string &bytes, piece_take take, void *user)
{
    if (take(user, bytes.data(), bytes.size()) != 0)
        throw std::bad_alloc();
    return {};
}

} // namespace

piece_result piece_model_train(const piece_training *training, piece_take take, void *user,
                               char message[PIECE_MESSAGE_MAX])
{
    return run(message, [&] {
        line_iterator lines(training->lines, training->lines_size);
        std::string model;
        const std::unordered_map<std::string, std::string> settings = {
            {"model_type", training->unigram ? "unigram" : "bpe"},
            {"vocab_size", std::to_string(training->size)},
            {"character_coverage", training->all_characters ? "1.0" : "0.9995"},
            {"unk_id", "0"},
            {"bos_id", "1"},
            {"eos_id", "2"},
            {"pad_id", "-1"},
            {"user_defined_symbols", training->own},
            {"max_sentence_length", std::to_string(PIECE_LINE_MAX)},
            {"num_threads", "1"}, /* sums of several threads vary */
            {"minloglevel", "3"},
        };
        const auto status =
            sentencepiece::SentencePieceTrainer::Train(settings, &lines, &model);

        return status.ok() ? give(model, take, user) : status;
    });
}

piece_result piece_model_load(piece_model **out, const void *bytes, size_t size,
                              char message[PIECE_MESSAGE_MAX])
{
    *out = nullptr;
    return run(message, [&] {
        auto model = std::make_unique<piece_model>();
        const auto status =
            model->processor.LoadFromSerializedProto({static_cast<const char *>(bytes), size});

        if (status.ok())
            *out = model.release();
        return status;
    });
}

void piece_model_destroy(piece_model *model)
{
    delete model;
}

int piece_model_size(const piece_model *model)
{
    return model->processor.GetPieceSize();
}

int piece_model_unknown(const piece_model *model)
{
    return model->processor.unk_id();
}

int piece_model_begin(const piece_model *model)
{
    return model->processor.bos_id();
}

int piece_model_end(const piece_model *model)
{
    return model->processor.eos_id();
}

const char *piece_model_symbol(const piece_model *model, int id)
{
    return model->processor.IdToPiece(id).c_str();
}

piece_result piece_model_encode(const piece_model *model, const char *line, size_t size,
                                int32_t *ids, size_t room, size_t *count,
                                char message[PIECE_MESSAGE_MAX])
{
    *count = 0;
    return run(message, [&] {
        std::vector<int> found;
        const auto status = model->processor.Encode({line, size}, &found);

        std::copy_n(found.begin(), std::min(room, found.size()), ids);
        *count = found.size();
        return status;
    });
}

piece_result piece_model_decode(const piece_model *model, const int32_t *ids, size_t count,
                                piece_take take, void *user, char message[PIECE_MESSAGE_MAX])
{
    return run(message, [&] {
        std::string text;
        const auto status = model->processor.Decode(std::vector<int>(ids, ids + count), &text);

        return status.ok() ? give(text, take, user) : status;
    });
}
